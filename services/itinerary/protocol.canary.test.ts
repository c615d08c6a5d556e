/** The protocol test must be able to fail: each of these breaks one piece of the service, and a run of chance catches it. */
import { afterEach, describe, expect, it, jest } from '@jest/globals'
import * as rules from './decide.ts'
import type { Delivery, DeliveryEvent } from './delivery.ts'
import * as permitClock from './permit-clock.ts'
import * as database from './testing/protocol-database.ts'

type Decide = typeof rules.decide
/** What is broken now; each stands in for the real one, which it may ask. */
let decide: Decide = rules.decide
let createPermitClock = permitClock.createPermitClock
let commit = database.commit
jest.unstable_mockModule('./decide.ts', () => ({
  ...rules,
  decide: (...given: Parameters<Decide>) => decide(...given),
}))
jest.unstable_mockModule('./permit-clock.ts', () => ({
  createPermitClock: (...given: Parameters<typeof createPermitClock>) => createPermitClock(...given),
}))
jest.unstable_mockModule('./testing/protocol-database.ts', () => ({
  ...database,
  commit: (...given: Parameters<typeof commit>) => commit(...given),
}))
const { playRun } = await import('./testing/protocol-run.ts')
const { approach, lostWithPermit, searchAll } = await import('./testing/protocol-search.ts')

afterEach(() => {
  decide = rules.decide
  createPermitClock = permitClock.createPermitClock
  commit = database.commit
})

/** What the first run of chance fails with that fails at all, or null. */
async function caught(): Promise<string | null> {
  for (let seed = 1_001; seed < 1_801; seed += 1) {
    try {
      await playRun(String(seed))
    } catch (error) {
      return String(error)
    }
  }
  return null
}

const rates = { server: 1.05, drones: [0.95, 1] }
const bounds = { depthMax: 100, statesMax: 20_000 }

const permitOf = (delivery: Delivery) => (delivery.status === 'assigned' ? delivery.permit : null)

describe('the protocol test catches', () => {
  it('a permit that is granted without a look at the epoch', async () => {
    decide = (delivery, command) => {
      const real = rules.decide(delivery, command)
      if (command.type !== 'permit.requested' || delivery.status !== 'assigned') return real
      const stale = real.some((event) => event.type === 'permit.refused' && event.data.reason === 'assignment.stale')
      const { place: _place, heightM: _heightM, ...named } = command.report
      return stale ? [{ type: 'permit.granted', data: { ...named, permitMs: command.drone.permitMs } }] : real
    }
    // Whoever hears of his recall turns home before he hears of the permit: only a lost recall shows what the epoch is for.
    const search = searchAll(await approach(rates), { ground: 1, miss: 1 }, bounds)
    await expect(search).rejects.toThrow('ord_1 is handed over twice')
  })

  it('an order that is given away although its permit is not settled', async () => {
    decide = (delivery, command): readonly DeliveryEvent[] => {
      if (command.type !== 'lose-drone' || permitOf(delivery) === null) return rules.decide(delivery, command)
      return [{ type: 'flight.given-up', data: { reason: command.reason, atMs: command.atMs } }]
    }
    expect(await caught()).toMatch(/handed over/)
  })

  it('an order that is cancelled although its permit is not settled', async () => {
    decide = (delivery, command): readonly DeliveryEvent[] => {
      if (command.type !== 'cancel' || delivery.status !== 'assigned') return rules.decide(delivery, command)
      return [{ type: 'delivery.cancelled', data: { orderId: delivery.orderId, cancelledAtMs: command.atMs } }]
    }
    expect(await caught()).toMatch(/handed over/)
  })

  it('a permit clock that allows a tenth for both clocks’ drift, which is not enough', async () => {
    createPermitClock = ({ permitMs, elapsedMs }) =>
      permitClock.createPermitClock({ permitMs: (permitMs * 1.1) / (1.05 / 0.95), elapsedMs })
    const search = searchAll(await lostWithPermit(rates), { pass: 3, close: 1 }, bounds)
    await expect(search).rejects.toThrow(/is handed over under epoch 1 although it is ended, failed/)
  })

  it('a database that lets the last writer win', async () => {
    commit = (docs, { writes }) => ({ ...docs, ...writes })
    expect(await caught()).not.toBeNull()
  })

  it('nothing where nothing is broken', async () => {
    for (let seed = 1; seed <= 20; seed += 1) await playRun(String(seed))
  })
})
