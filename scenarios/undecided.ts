/**
 * Drones that fall silent with a permit in hand: nobody can know whether the parcel was handed over, so nobody guesses and no
 * second parcel flies. The ways out: the drone's late report, the recipient's word, an operator's decision.
 */
import assert from 'node:assert/strict'
import { ProblemReply } from '@fleet/contracts/rest'
import type { FaultKind } from '@fleet/drone-sim/faults'
import { waitUntil } from '@fleet/local/wait'
import { z } from 'zod'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'
import { breakDrone, type Carried, flyOrder, parcelsOf, release, type Trouble } from './trouble.ts'

const distanceM = 700
const wayWorldS = 300
const permitWorldS = 300
const DeliveryWithPermit = z.object({
  status: z.literal('assigned'),
  permit: z.object({ permitRequestId: z.string() }),
})

/** An order whose drone has its permit, and is struck by `fault` before it has let go, so far as is known. */
async function loseWithPermit(stage: Stage, fault: FaultKind): Promise<Carried & { trouble: Trouble }> {
  const carried = await flyOrder(stage, distanceM)
  // Oftener than the stage looks: between the permit and the hand-over lie moments.
  await waitUntil(
    'the permit',
    async () => DeliveryWithPermit.safeParse((await stage.get(`/v1/deliveries/${carried.order.id}`)).body).success,
    { timeoutMs: (wayWorldS * 1_000) / stage.info().world.speed + 60_000, everyMs: 20 },
  )
  const trouble = await breakDrone(stage, carried.droneId, { fault })
  const status = await stage.until('its drone to be given up', permitWorldS + wayWorldS, async () => {
    const now = carried.order.latest().status
    return now !== 'in-flight' && now !== 'assigned' && now
  })
  assert.equal(status, 'undecided', `it reads ${status}: the drone was faster than the fault, try again`)
  return { ...carried, trouble }
}

export const undecided: Scenario = {
  name: 'undecided',
  watch:
    'Watch drones fall silent with their permits: the customer reads that nobody knows, no second parcel flies, and each way out is taken.',
  steps: async (stage, step) => {
    const first = await step('a drone is cut off with its permit: its order is undecided', async () => {
      const lost = await loseWithPermit(stage, 'link-down')
      return { ...lost, timings: await lost.trouble.timings() }
    })
    await step('no second parcel flies', () => {
      assert.equal(first.order.latest().flight?.epoch, first.epoch)
      return first.timings
    })
    await step('the link comes back, and its late report settles it', async () => {
      const before = parcelsOf(stage, first.order.id)
      await stage.inflict({ droneId: first.droneId, fault: 'none' })
      const { status, flight } = await stage.until('the report', wayWorldS, async () => {
        const now = first.order.latest()
        return now.status !== 'undecided' && now
      })
      // It had let go, or it had not: the report says which, and either is the truth.
      if (before.handedOver.length === 1) assert(['delivered', 'closed'].includes(status), status)
      else assert.equal(flight?.epoch, first.epoch + 1)
      return before.handedOver.length === 1 ? 'it had handed over' : 'it had not: another drone flies'
    })
    await step('in the end there was one hand-over', async () => {
      await first.order.reaches('closed')
      assert.equal(parcelsOf(stage, first.order.id).handedOver.length, 1)
    })
    await step('the operator releases that drone', () => release(stage, first.droneId))

    const second = await step('another drone is cut off with its permit', () => loseWithPermit(stage, 'link-down'))
    await step('the recipient says whether it came: only that it came settles the order', async () => {
      const came = parcelsOf(stage, second.order.id).handedOver.length === 1
      await stage.customer.stateReceipt(second.order.id, came)
      if (came) await second.order.reaches('closed')
      else assert.equal(second.order.latest().status, 'undecided')
      return came ? 'it came' : 'it did not come, which settles nothing'
    })
    await step('the link comes back, the drone flies home, and the operator releases it', async () => {
      await stage.inflict({ droneId: second.droneId, fault: 'none' })
      return release(stage, second.droneId)
    })
    await step('however it was, there was one hand-over', async () => {
      await second.order.reaches('closed')
      assert.equal(parcelsOf(stage, second.order.id).handedOver.length, 1)
    })

    const third = await step('a third drone falls with its permit', () => loseWithPermit(stage, 'crash'))
    await step('an operator may close it as failed once its permit has run out, and not before', async () => {
      const close = () => stage.post(`/v1/deliveries/${third.order.id}/closure`, { note: 'the drone lies in a field' })
      let refusals = 0
      await stage.until('the closure', permitWorldS, async () => {
        const { status, body } = await close()
        if (status === 200) return true
        assert.equal(ProblemReply.parse(body).code, 'delivery.permit-running')
        refusals += 1
        return false
      })
      await third.order.reaches('failed')
      assert.equal(third.order.latest().failedBecause, 'closed-by-operator')
      return `refused ${refusals} times while the permit could still run`
    })
    await step('its parcel lies with it: nothing was handed over', () => {
      const { handedOver, lost } = parcelsOf(stage, third.order.id)
      assert.deepEqual([handedOver.length, lost.length], [0, 1])
    })
  },
}
