/** An operator stops the fleet: all drones hold, nothing departs, orders say what they wait for; then all goes on. */
import assert from 'node:assert/strict'
import { BasesReply, LatestPositionsReply } from '@fleet/contracts/rest'
import type { Scenario } from './scenario.ts'
import { commandFleet, flyOrders, parcelsOf, troubleOf } from './trouble.ts'

const distanceM = 2_000
const orders = 2
const stoppedWorldS = 120
/** Several times what a drone that stands still in the air needs to be called frozen. */
const heldWorldS = 30

export const stopEverything: Scenario = {
  name: 'stop-everything',
  watch:
    'Watch an operator stop every departure and every drone in the air, and let all go on again; no order is lost by it.',
  steps: async (stage, step) => {
    const { customer, get, post, until } = stage
    const carried = await step(`${orders} orders are in the air`, () => flyOrders(stage, orders, distanceM))
    const bases = BasesReply.parse((await get('/v1/bases')).body).items
    try {
      await step('every base is paused', async () => {
        for (const { baseId } of bases) assert.equal((await post(`/v1/bases/${baseId}/pause`)).status, 200)
      })
      const sinceMs = stage.clock.worldNow()
      await step('every drone is told to hold, with a count of those that do', async () => {
        const { total, byStatus } = await commandFleet(stage, 'hold', stoppedWorldS)
        assert.equal(byStatus.succeeded, total - 1)
        const tookS = (stage.clock.worldNow() - sinceMs) / 1_000
        return `${byStatus.succeeded} of ${total} after ${tookS.toFixed(1)} s (${(tookS / stage.info().world.speed).toFixed(1)} s real); one is nobody's`
      })
      await step('the drones in the air stand still', () =>
        until('them to stand', stoppedWorldS, async () => {
          const { items } = LatestPositionsReply.parse((await get('/v1/fleet/positions')).body)
          const flying = items.filter(({ droneId }) => carried.some((one) => one.droneId === droneId))
          return flying.length === carried.length && flying.every(({ speedMps }) => speedMps === 0)
        }),
      )
      const accused = async () => {
        const histories = carried.map(({ droneId }) => troubleOf(stage, droneId, sinceMs).history())
        return (await Promise.all(histories)).flatMap(({ health }) => health)
      }
      await step(`they stand for ${heldWorldS} s, and none is accused of it`, async () => {
        const untilMs = stage.clock.worldNow() + heldWorldS * 1_000
        await until('the time to pass', 2 * heldWorldS, async () => stage.clock.worldNow() >= untilMs)
        assert.deepEqual(await accused(), [])
      })
      const waiting = await step('an order is accepted meanwhile, and says what it waits for', async () => {
        const order = await customer.order()
        const { waitingFor } = await until('the reason', stoppedWorldS, async () => {
          const now = order.latest()
          return now.waitingFor !== null && now
        })
        assert.equal(waitingFor, 'base-paused')
        return order
      })
      await step('the drones go on', async () => {
        const { total, byStatus } = await commandFleet(stage, 'resume', stoppedWorldS)
        assert.equal(byStatus.succeeded, total - 1)
      })
      await step('the bases open again', async () => {
        for (const { baseId } of bases) assert.equal((await post(`/v1/bases/${baseId}/resume`)).status, 200)
      })
      await step('every order is delivered by the drone that had it, once', async () => {
        for (const { order, epoch } of carried) {
          assert.equal((await order.reaches('delivered')).flight?.epoch, epoch)
          assert.equal(parcelsOf(stage, order.id).handedOver.length, 1)
        }
        assert.deepEqual(await accused(), [])
        await waiting.reaches('delivered')
        for (const one of [...carried.map(({ order }) => order), waiting]) await one.reaches('closed')
      })
    } finally {
      for (const { baseId } of bases) await post(`/v1/bases/${baseId}/resume`)
    }
  },
}
