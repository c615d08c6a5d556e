/** A battery that does not reach home: down where it is, before it falls, and another drone flies the order. */
import assert from 'node:assert/strict'
import type { Scenario } from './scenario.ts'
import { breakDrone, flyOrder, parcelsOf, reassigned } from './trouble.ts'

const distanceM = 4_000
/** Too little for the way home from anywhere but the base's neighbourhood, enough to come down. */
const leftPct = 3
const awayWorldS = 80
const downWorldS = 300

export const battery: Scenario = {
  name: 'battery',
  watch:
    'Watch the cells of a drone fail in the air: it is ordered down before it falls, grounded, and another drone flies its order.',
  steps: async (stage, step) => {
    const carried = await step('an order is in the air, well away from its base', async () => {
      const flown = await flyOrder(stage, distanceM)
      const awayMs = stage.clock.worldNow() + awayWorldS * 1_000
      await stage.until('it to be away', awayWorldS, async () => stage.clock.worldNow() > awayMs)
      return flown
    })
    const { order, droneId, epoch } = carried
    const trouble = await step(`its battery is down to ${leftPct} %`, () =>
      breakDrone(stage, droneId, { fault: 'low-battery', size: leftPct }),
    )
    await step('the way home is longer than that: it is told to land, and grounded', async () => {
      const { evidence } = await trouble.comesTo('grounded')
      assert.equal(evidence.rule, 'battery')
      const { batteryPct, homeM } = evidence.readings
      return `${batteryPct} % for ${homeM} m, ${await trouble.timings()}`
    })
    await step('it comes down in one piece', async () => {
      const land = await stage.until('the landing', downWorldS, async () => {
        const { commands } = await trouble.history()
        const ended = commands.find(({ kind }) => kind === 'land')?.steps.at(-1)
        return ended !== undefined && ended.status !== 'sent' && ended.status !== 'acknowledged' && ended
      })
      assert.equal(land.status, 'succeeded')
      assert.deepEqual(parcelsOf(stage, order.id).lost, [])
    })
    await step('another drone has the order', async () => {
      const { flight } = await reassigned(stage, carried)
      return `${flight?.droneId}, epoch ${flight?.epoch}`
    })
    await step('the parcel is handed over, once', async () => {
      await order.reaches('delivered')
      const { handedOver } = parcelsOf(stage, order.id)
      assert.equal(handedOver.length, 1)
      assert(handedOver.every((one) => one.epoch > epoch))
    })
    await step('the order is closed', () => order.reaches('closed').then(() => undefined))
  },
}
