/** A drone that was cut off comes back after its order was given away: it is refused its permit, and brings its parcel home (promise 2). */
import assert from 'node:assert/strict'
import type { Scenario } from './scenario.ts'
import { breakDrone, flightOf, flyOrder, parcelsOf, reassigned, recordOf, release } from './trouble.ts'

const distanceM = 700
/** World seconds after its estimate at which it surely hovers, and well before it would give up by itself. */
const arrivedWorldS = 15
const homeWorldS = 900

export const backFromTheDead: Scenario = {
  name: 'back-from-the-dead',
  watch:
    'Watch a drone that was cut off come back when its order has been given to another: it asks, is refused, and flies home with its parcel.',
  steps: async (stage, step) => {
    const carried = await step('an order is in the air', () => flyOrder(stage, distanceM))
    const { order, droneId, epoch } = carried
    const dueMs = Date.parse(order.latest().estimatedHandOverAt ?? assert.fail('the customer has no estimate'))
    const trouble = await step('its drone is cut off: nothing comes or goes, and it flies on', () =>
      breakDrone(stage, droneId, { fault: 'link-down' }),
    )
    await step('it is given up', async () => {
      await trouble.comesTo('grounded')
      return trouble.timings()
    })
    await step('its order is given to another drone', async () => {
      const { flight } = await reassigned(stage, carried)
      return `${flight?.droneId}, epoch ${flight?.epoch}`
    })
    await step('meanwhile it has arrived, and hovers without a permit: nothing is handed over', async () => {
      const aroundMs = dueMs + arrivedWorldS * 1_000
      await stage.until('it to arrive', 600, async () => stage.clock.worldNow() > aroundMs)
      assert.equal(parcelsOf(stage, order.id).handedOver.filter((one) => one.epoch === epoch).length, 0)
    })
    await step('the link comes back: what it asked for is refused', async () => {
      await stage.inflict({ droneId, fault: 'none' })
      await stage.until('the refusal', homeWorldS, async () => {
        const { timeline } = await recordOf(stage, order.id)
        return timeline.find((entry) => entry.what === 'permit.refused' && entry.epoch === epoch)
      })
    })
    await step('it flies home, and its parcel with it', async () => {
      await stage.until('its parcel to be home', homeWorldS, async () =>
        parcelsOf(stage, order.id).broughtHome.some((one) => one.epoch === epoch),
      )
      await stage.until(
        'that to be heard of',
        homeWorldS,
        async () => (await flightOf(stage, carried)).parcel === 'returned',
      )
    })
    await step('the other drone has handed the order over', () => order.reaches('delivered').then(() => undefined))
    await step('in the physical world there was one hand-over, by the other drone', () => {
      const { handedOver, broughtHome } = parcelsOf(stage, order.id)
      assert.deepEqual(
        handedOver.map((one) => one.epoch),
        [epoch + 1],
      )
      assert.deepEqual(broughtHome, [{ droneId, epoch }])
    })
    await step('the operator releases the drone', () => release(stage, droneId))
  },
}
