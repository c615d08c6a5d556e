/** A drone falls with its parcel: the order goes to another, with a new parcel, a new epoch, and a new estimate for the customer. */
import assert from 'node:assert/strict'
import type { Scenario } from './scenario.ts'
import { after, breakDrone, flightOf, flyOrder, parcelsOf, reassigned } from './trouble.ts'

const distanceM = 2_000

export const replaceDrone: Scenario = {
  name: 'replace-drone',
  watch:
    'Watch a drone fall from the sky: another flies its order under the next epoch, and the customer reads the new estimate.',
  steps: async (stage, step) => {
    const carried = await step('an order is in the air', () => flyOrder(stage, distanceM))
    const { order, droneId, epoch } = carried
    const before = order.latest().estimatedHandOverAt ?? assert.fail('the customer has no estimate')
    const sinceMs = stage.clock.worldNow()
    const trouble = await step('its drone falls', () => breakDrone(stage, droneId, { fault: 'crash' }))
    await step('it is missed, called in vain, and grounded', async () => {
      await trouble.comesTo('grounded')
      return trouble.timings()
    })
    await step('another drone has the order, and the customer reads when it will come now', async () => {
      const { flight, estimatedHandOverAt } = await reassigned(stage, carried)
      assert(estimatedHandOverAt, 'the customer has no estimate')
      assert.equal(flight?.epoch, epoch + 1)
      const laterS = (Date.parse(estimatedHandOverAt) - Date.parse(before)) / 1_000
      assert(laterS > 0, `the new estimate is ${-laterS} s earlier than the old one`)
      const { from } = await flightOf(stage, { ...carried, epoch: epoch + 1 })
      return `${after(stage, sinceMs, from)} after the fall, estimate ${laterS.toFixed(0)} s later than at first`
    })
    await step('the new parcel is handed over', async () => {
      const { flight } = await order.reaches('delivered')
      assert.notEqual(flight?.droneId, droneId)
    })
    await step('in the physical world one parcel fell, and one was handed over', () => {
      const { handedOver, lost } = parcelsOf(stage, order.id)
      assert.deepEqual(lost, [{ droneId, epoch }])
      assert.deepEqual(
        handedOver.map((one) => one.epoch),
        [epoch + 1],
      )
    })
    await step(
      'of the first parcel the record says that it is to be returned: nobody has heard of its end',
      async () => {
        assert.equal((await flightOf(stage, carried)).parcel, 'to-be-returned')
      },
    )
    await step('the order is closed', () => order.reaches('closed').then(() => undefined))
  },
}
