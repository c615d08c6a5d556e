/** The plain job. */
import assert from 'node:assert/strict'
import { distanceM } from '@fleet/geo/distance'
import type { Scenario } from './scenario.ts'

/** How far from the drop point a hand-over may be. */
const handOverWithinM = 5

export const delivery: Scenario = {
  name: 'delivery',
  watch: 'Watch one order go from the customer to a drone, to its drop point, and the drone home again.',
  steps: async ({ customer, ledgerOf }, step) => {
    const order = await step('a customer places an order', () => customer.order())
    await step('a drone is assigned', async () => (await order.reaches('assigned')).flight?.droneId)
    await step('it takes off with the parcel', () => order.reaches('in-flight').then(() => undefined))
    await step('the customer reads that the parcel was handed over', async () => {
      const { handedOver } = await order.reaches('delivered')
      assert(handedOver, 'the order says nothing of the hand-over')
      const offM = distanceM(handedOver.place, order.dropOff)
      assert(offM <= handOverWithinM, `${offM.toFixed(1)} m from the drop point`)
      return `${offM.toFixed(1)} m from the drop point, ${handedOver.heightM.toFixed(1)} m above it`
    })
    await step('the drone is home, and the order closed', () => order.reaches('closed').then(() => undefined))
    await step('in the physical world there was one hand-over, at the drop point', () => {
      const handOvers = ledgerOf(order.id).filter(({ event }) => event === 'handed-over')
      assert.equal(handOvers.length, 1, `the ledger has ${handOvers.length} hand-overs`)
      for (const place of handOvers) assert(distanceM(place, order.dropOff) <= handOverWithinM, JSON.stringify(place))
    })
  },
}
