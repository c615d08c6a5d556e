/** A drone that falls silent and does not come back: two reboots, then grounded, its order given on; an operator brings it back. */
import assert from 'node:assert/strict'
import { ProblemReply } from '@fleet/contracts/rest'
import type { Scenario } from './scenario.ts'
import { alertsOf, breakDrone, flyOrder, parcelsOf, reassigned, release } from './trouble.ts'

const distanceM = 1_500

export const silentDrone: Scenario = {
  name: 'silent-drone',
  watch:
    'Watch a drone fall silent and stay so: it is rebooted twice, grounded, its order flown by another; and only an operator brings it back.',
  steps: async (stage, step) => {
    const carried = await step('an order is in the air', () => flyOrder(stage, distanceM))
    const { order, droneId, epoch } = carried
    const trouble = await step('its drone falls silent, and its computer will hang in a reboot', () =>
      breakDrone(stage, droneId, { fault: 'silent' }, { fault: 'hanging-reboot' }),
    )
    await step('it is suspected, then called unresponsive', async () => {
      const { evidence } = await trouble.comesTo('unresponsive')
      assert.equal(evidence.rule, 'silent')
      return `silent for ${evidence.readings.silentMs} ms, the limit is ${evidence.thresholds.silentMs} ms`
    })
    await step('it is ordered to reboot twice, in vain, and grounded', async () => {
      await trouble.comesTo('grounded')
      const { commands } = await trouble.history()
      assert.deepEqual(
        commands.map(({ kind }) => kind),
        ['reboot', 'reboot'],
      )
      return trouble.timings()
    })
    await step('the operators see the alert', async () => {
      const alert = (await alertsOf(stage)).items.find((one) => one.droneId === droneId)
      assert.deepEqual([alert?.status, alert?.evidence?.rule], ['grounded', 'silent'])
    })
    await step('another drone has its order', async () => {
      const { flight } = await reassigned(stage, carried)
      return `${flight?.droneId}, epoch ${flight?.epoch}`
    })
    await step('an operator cannot release it as it is', async () => {
      const { status, body } = await stage.post(`/v1/drones/${droneId}/release`, { note: 'a try' })
      assert.deepEqual([status, ProblemReply.parse(body).code], [409, 'drone.self-check-failed'])
      return String(ProblemReply.parse(body).value)
    })
    await step('the parcel is handed over by the other drone, once', async () => {
      await order.reaches('delivered')
      const { handedOver } = parcelsOf(stage, order.id)
      // The next one, and not the one after that: a drone that is silent holds up no other.
      assert.deepEqual(
        handedOver.map((one) => one.epoch),
        [epoch + 1],
      )
    })
    await step('its computer comes back, it flies home with its parcel', async () => {
      await stage.inflict({ droneId, fault: 'none' })
      await stage.until('its parcel to be home', 900, async () =>
        parcelsOf(stage, order.id).broughtHome.some((one) => one.epoch === epoch),
      )
    })
    await step('there it passes its self-check, and the operator releases it', () => release(stage, droneId))
  },
}
