/** Silent, rebooted, acknowledged, checked, relaunched: the same drone on the same flight delivers. */
import assert from 'node:assert/strict'
import type { Scenario } from './scenario.ts'
import { breakDrone, flightOf, flyOrder, parcelsOf, recordOf } from './trouble.ts'

const distanceM = 3_000

export const rebootAndRelaunch: Scenario = {
  name: 'reboot-and-relaunch',
  watch: 'Watch a drone fall silent, be rebooted, come back, be checked, and fly on with the order that it has.',
  steps: async (stage, step) => {
    const carried = await step('an order is in the air', () => flyOrder(stage, distanceM))
    const { order, droneId, epoch } = carried
    const trouble = await step('its drone falls silent', () => breakDrone(stage, droneId, { fault: 'silent' }))
    await step('it is noticed', () => trouble.comesTo('unresponsive').then(() => undefined))
    await step('a reboot is ordered, and the drone is back', () => trouble.comesTo('recovering').then(() => undefined))
    await step('so many good readings later it is well', async () => {
      await trouble.comesTo('healthy')
      const { health } = await trouble.history()
      assert.deepEqual(
        health.map(({ to }) => to),
        ['suspect', 'unresponsive', 'rebooting', 'recovering', 'healthy'],
      )
      return trouble.timings()
    })
    await step('the reboot has one outcome', async () => {
      const { commands } = await trouble.history()
      assert.deepEqual(
        commands.map(({ kind, steps }) => [kind, steps.at(-1)?.status]),
        [['reboot', 'succeeded']],
      )
      return commands[0]?.steps.map(({ status }) => status).join(', ')
    })
    await step('it hands over what it carried, on the same flight', async () => {
      const { flight } = await order.reaches('delivered')
      assert.deepEqual([flight?.droneId, flight?.epoch], [droneId, epoch])
      assert.deepEqual(parcelsOf(stage, order.id).handedOver, [{ droneId, epoch }])
    })
    await step('it is home, and the flight record tells it all', async () => {
      await order.reaches('closed')
      assert.equal((await flightOf(stage, carried)).parcel, 'handed-over')
      const { timeline, missing } = await recordOf(stage, order.id)
      assert.deepEqual(missing, [])
      const told = timeline.map(({ source, what }) => `${source} ${what}`)
      for (const due of ['health unresponsive', 'command reboot sent', 'command reboot succeeded', 'health healthy']) {
        assert(told.includes(due), `the record has no ${due}`)
      }
      return `${told.length} entries`
    })
  },
}
