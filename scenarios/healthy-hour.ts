/** The false alarms of an hour of the world: healthy drones in wind, positions lost in the air, and parts of the system killed. */

import assert from 'node:assert/strict'
import { membersByRole } from '@fleet/local/mongo-primary'
import { fillSky, passReal } from './full-sky.ts'
import type { Scenario } from './scenario.ts'
import { alertsOf } from './trouble.ts'

const drones = 200
const windMps = 8
const lossShare = 0.02
const hourS = 3_600
/** World seconds after the beginning of the hour. */
const kills: [number, string][] = [
  [600, 'a broker'],
  [1_500, 'the primary'],
  [2_400, 'drone-health'],
]

export const healthyHour: Scenario = {
  name: 'healthy-hour',
  drones,
  watch: `Watch ${drones} healthy drones fly for an hour of the world in a wind of ${windMps} m/s, two of a hundred positions lost, a broker, the primary and the watcher killed: no alarm.`,
  steps: async (stage, step) => {
    const { info, signal, setWeather } = stage
    const { speed } = info().world
    await step('the wind rises, and the air swallows positions', () => setWeather({ windMps, lossShare }))
    const sky = await step(`${drones} drones fly`, () => fillSky(stage, drones, 'hour', { ordersEach: 1.5 }))
    const startedMs = stage.clock.worldNow()
    const flown: number[] = []
    const flyUntil = async (worldS: number) => {
      const leftS = worldS - (stage.clock.worldNow() - startedMs) / 1_000
      await passReal(stage, Math.max(0, leftS) / speed, async () => {
        await sky.refill()
        flown.push(await sky.inFlight())
      })
      const accused = await sky.accused()
      assert.deepEqual(accused, [])
      return `after ${worldS} s of the world, ${flown.at(-1) ?? 0} in the air`
    }
    for (const [atS, what] of kills) {
      await step(`no drone is accused`, () => flyUntil(atS))
      await step(`${what} is killed`, async () => {
        if (what === 'a broker') signal('kafka-3', 'SIGKILL')
        else signal(what === 'the primary' ? (await membersByRole(info())).primary : what, 'SIGKILL')
      })
    }
    await step('no drone is accused to the end of the hour', () => flyUntil(hourS))
    await step('no alarm', async () => {
      const { link, items } = await alertsOf(stage)
      assert.deepEqual(items, [])
      const mean = flown.reduce((sum, count) => sum + count, 0) / Math.max(1, flown.length)
      assert(mean > drones / 2, `only ${mean.toFixed(0)} drones were in the air`)
      return `0 in ${((mean * hourS) / 3_600).toFixed(0)} hours of flight, link ${link.status}`
    })
  },
}
