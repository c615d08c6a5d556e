/** A slow part does not take the rest down (promise 6), and no position is lost silently (promise 4). */
import assert from 'node:assert/strict'
import { FleetPositionsReply } from '@fleet/contracts/front-door'
import { AccountingReply, ProblemReply, TrackReply } from '@fleet/contracts/rest'
import { recordsIn } from './positions-topic.ts'
import type { Scenario } from './scenario.ts'

export const outageOfPosition: Scenario = {
  name: 'outage-of-position',
  watch:
    'Watch the position service stand still and die in mid flight: the parcel arrives all the same, and afterwards every position is stored, none twice.',
  steps: async ({ customer, get, info, ledgerOf, signal, until }, step) => {
    const order = await step('a customer places an order', () => customer.order())
    await step('a drone takes off with it', async () => (await order.reaches('in-flight')).flight?.droneId)
    await step('the position service stands still', () => signal('position', 'SIGSTOP'))
    await step('the gateway says which part does not answer, within its bound', async () => {
      const { status, body } = await get('/v1/fleet/accounting')
      const { code, value } = ProblemReply.parse(body)
      assert.deepEqual([status, value], [504, 'position'])
      return code
    })
    await step('the last known positions are shown, and marked stale', async () => {
      const { status, body } = await get('/v1/fleet/positions')
      const { items, stale } = FleetPositionsReply.parse(body)
      assert.deepEqual([status, stale], [200, true])
      return `${items.length} drones`
    })
    await step('orders are accepted meanwhile', async () => (await customer.order()).id)
    await step('the parcel is handed over meanwhile', () => order.reaches('delivered').then(() => undefined))
    await step('the position service dies', () => signal('position', 'SIGKILL'))
    await step('the drone is home, and the order closed', () => order.reaches('closed').then(() => undefined))
    await step('there was one hand-over', () => {
      const handOvers = ledgerOf(order.id).filter(({ event }) => event === 'handed-over')
      assert.equal(handOvers.length, 1)
    })
    const accounts = await step('once it is back, everything in the topic is accounted for', async () => {
      const written = await recordsIn(info().kafka.internal)
      return until('the backlog to be stored', 600, async () => {
        const { status, body } = await get('/v1/fleet/accounting')
        if (status !== 200) return false
        const { items, refusedMessages } = AccountingReply.parse(body)
        const refused = Object.values(refusedMessages).reduce((sum, count) => sum + count, 0)
        const told = items.reduce((sum, { stored, copies }) => sum + stored + copies, refused)
        return told >= written && items
      })
    })
    await step('every position is stored: given out = stored, none missing', () => {
      for (const { droneId, boot, givenOut, stored, refused, missing } of accounts) {
        assert.deepEqual(
          { stored, refused, missing },
          { stored: givenOut, refused: 0, missing: 0 },
          `${droneId}/${boot}`,
        )
      }
      const sum = accounts.reduce((total, { stored }) => total + stored, 0)
      return `${sum} positions of ${accounts.length} drones`
    })
    await step("no position stands twice in the drone's track", async () => {
      const { flight } = order.latest()
      const { status, body } = await get(`/v1/drones/${flight?.droneId}/track`)
      assert.equal(status, 200)
      const { times } = TrackReply.parse(body).properties
      assert(times.length > 60, `only ${times.length} positions`)
      assert.equal(new Set(times).size, times.length)
      return `${times.length} positions`
    })
  },
}
