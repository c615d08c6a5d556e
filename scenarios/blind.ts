/** The watcher knows when it is blind: brokers die and stand still, it is restarted itself, and no healthy drone is accused of silence. */
import assert from 'node:assert/strict'
import { fillSky, passReal } from './full-sky.ts'
import type { Scenario } from './scenario.ts'
import { alertsOf } from './trouble.ts'

const drones = 200
/** Far enough that the first has not landed before the last has taken off. */
const away = { minM: 6_000, maxM: 7_000 }
const standStillS = 5
/** Real seconds: what brokers and clients take to find each other again, and more. */
const settleS = 20

export const blind: Scenario = {
  name: 'blind',
  drones,
  watch: `Watch ${drones} healthy drones fly while a broker dies, all brokers stand still and the watcher itself is restarted: none is called silent, rebooted or grounded.`,
  steps: async (stage, step) => {
    const { info, signal, get, until } = stage
    const brokers = Object.keys(info().parts).filter((name) => name.startsWith('kafka'))
    const sky = await step(`${drones} drones fly`, () => fillSky(stage, drones, 'blind', { ...away, ordersEach: 1.5 }))
    const nobodyAccused = async () => {
      assert.deepEqual(await sky.accused(), [])
      const { link } = await alertsOf(stage)
      return `${await sky.inFlight()} in the air, link ${link.status}`
    }
    await step('a broker is killed', () => signal('kafka-2', 'SIGKILL'))
    await step('no drone is accused', async () => {
      await passReal(stage, settleS, sky.refill)
      return nobodyAccused()
    })
    await step(`all brokers stand still for ${standStillS} s`, async () => {
      const standing = brokers.filter((name) => name !== 'kafka-2')
      for (const name of standing) signal(name, 'SIGSTOP')
      await passReal(stage, standStillS)
      for (const name of standing) signal(name, 'SIGCONT')
    })
    await step('no drone is accused', async () => {
      await passReal(stage, settleS)
      await sky.refill()
      return nobodyAccused()
    })
    await step('the watcher is killed, and is back', async () => {
      signal('drone-health', 'SIGKILL')
      await until('it to answer', 600, async () => (await get('/v1/health/drones')).status === 200)
    })
    await step('no drone is accused', async () => {
      await passReal(stage, settleS)
      return nobodyAccused()
    })
  },
}
