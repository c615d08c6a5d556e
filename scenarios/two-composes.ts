/** The drones' compose and the server's meet at one listener alone, and the delivery outlives what happens to it (promise 6). */
import assert from 'node:assert/strict'
import { AccountingReply } from '@fleet/contracts/rest'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'

/** How long the drones are cut off, world seconds: more than the brokers keep a silent client. */
const cutOffWorldS = 80
const brokerBackWorldS = 600
const accountedWorldS = 600

export const twoComposes: Scenario = {
  name: 'two-composes',
  needs: 'containers',
  watch:
    'Watch drones of the second compose deliver through the one listener that they reach, while their network is cut and a broker is killed.',
  steps: async (stage, step) => {
    const { customer, info, until } = stage
    const drones = Object.keys(info().parts).filter((name) => name.startsWith('sim'))
    await step("the drones' containers share no network with the server's", () => {
      const own = drones.flatMap((name) => stage.networksOf(name))
      const servers = Object.keys(info().parts).filter((name) => !name.startsWith('sim'))
      const shared = servers.flatMap((name) => stage.networksOf(name)).filter((network) => own.includes(network))
      assert.deepEqual(shared, [])
      return `${own.length} of ${drones.length} drone containers`
    })

    const first = await step('a customer places an order', () => customer.order())
    const droneId = await step(
      'a drone takes off with it',
      async () => (await first.reaches('in-flight')).flight?.droneId,
    )
    const mends = await step("the drones' network is cut", () => drones.map((name) => stage.cutOff(name)))
    await step('meanwhile the parcel stays with its drone: it cannot ask for a permit', async () => {
      await passed(stage, cutOffWorldS)
      assert.equal(handOvers(stage, first.id), 0)
    })
    await step('the network comes back', () => {
      for (const mend of mends) mend()
    })
    await step('the parcel is handed over', () => first.reaches('delivered').then(() => undefined))
    await step('the drone is home, and the order closed', () => first.reaches('closed').then(() => undefined))
    await step('what it measured while it was cut off arrived afterwards: no position is missing', () =>
      until(`all positions of ${droneId}`, accountedWorldS, async () => {
        const { status, body } = await stage.get('/v1/fleet/accounting')
        if (status !== 200) return false
        const own = AccountingReply.parse(body).items.filter((item) => item.droneId === droneId)
        return own.length > 0 && own.every(({ missing }) => missing === 0) && `${sum(own)} stored`
      }),
    )

    const second = await step('a customer places another order', () => customer.order())
    await step('a drone takes off with that', () => second.reaches('in-flight').then(() => undefined))
    await step('a broker is killed', () => stage.signal('kafka-2', 'SIGKILL'))
    await step('the parcel is handed over all the same', () => second.reaches('delivered').then(() => undefined))
    await step('that order is closed as well', () => second.reaches('closed').then(() => undefined))
    await step('the broker comes back', async () => {
      stage.start('kafka-2')
      await until('kafka-2 to be healthy', brokerBackWorldS, async () => stage.isHealthy('kafka-2'))
    })
    await step('each order had one hand-over in the physical world', () => {
      assert.deepEqual([handOvers(stage, first.id), handOvers(stage, second.id)], [1, 1])
    })
  },
}

const sum = (accounts: { stored: number }[]) => accounts.reduce((total, { stored }) => total + stored, 0)

const handOvers = ({ ledgerOf }: Stage, orderId: Parameters<Stage['ledgerOf']>[0]) =>
  ledgerOf(orderId).filter(({ event }) => event === 'handed-over').length

/** Waits until the world has gone on by `worldS` seconds. */
function passed({ info, until }: Stage, worldS: number): Promise<true> {
  const dueMs = performance.now() + (worldS * 1_000) / info().world.speed
  return until(`${worldS} s of the world to pass`, worldS, async () => performance.now() >= dueMs)
}
