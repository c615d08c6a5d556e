/** The simulator as a process, on real brokers by mutual TLS; the test speaks as the itinerary and drone-health services. */

import { distanceM } from '@fleet/geo/distance'
import { type TestInfrastructure, testInfrastructure } from '@fleet/local/test-infrastructure'
import { waitUntil } from '@fleet/local/wait'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { readLedger } from './ledger.ts'
import { base, itinerary } from './testing/rig.ts'
import { type SimProcess, startSimProcess } from './testing/sim-process.ts'

let infra: TestInfrastructure
let sim: SimProcess
beforeAll(async () => {
  infra = await testInfrastructure()
  sim = await startSimProcess(infra, 'simtest')
}, 60_000)
afterAll(async () => {
  await sim[Symbol.asyncDispose]()
})

/** Each number from 1 to the highest, in order of the first time that it came. */
const withoutGap = (seqs: number[]) => [...new Set(seqs)].every((seq, index) => seq === index + 1)

it('flies a delivery, on orders from Kafka, and writes what happened into its ledger', async () => {
  await sim.heard('booted')
  await sim.assign(itinerary({ order: 1, distanceM: 200 }))
  const { data } = await sim.heard('landed')

  expect(data.parcelAboard).toBe(false)
  const events = readLedger(sim.ledgerFile)
  expect(events.map(({ event }) => event)).toEqual(['loaded', 'handed-over'])
  expect(distanceM(events[1] ?? base, itinerary({ distanceM: 200 }).dropOff)).toBeLessThan(1)
})

it('sends the positions of every drone, in order and without a gap, and signs everything', async () => {
  await waitUntil('positions of all drones', () => sim.dronesHeard().size === 3, { timeoutMs: 20_000 })
  const seqs = sim.positions().map(({ seq }) => seq)
  expect(seqs.length).toBeGreaterThan(50)
  expect(withoutGap(seqs)).toBe(true)
  expect(sim.wronglySigned()).toBe(0)
})

it('goes on with its flight where it was killed in the air, as a next boot', async () => {
  const before = sim.own().length
  sim.grant(false)
  await sim.assign(itinerary({ order: 2, distanceM: 200 }))
  await sim.heard('permit.requested', before)
  await sim.stop('SIGKILL')
  sim.grant(true)
  sim.start()
  const booted = await sim.heard('booted', before)
  await sim.heard('landed', before)

  expect(booted.data).toMatchObject({
    boot: 2,
    before: { boot: 1 },
    landed: false,
    itinerary: { itineraryId: 'itn_2e1' },
  })
  const highest = Math.max(...sim.positions().flatMap(({ boot, seq }) => (boot === 1 ? [seq] : [])))
  expect(booted.data.before?.positionSeqMax).toBeGreaterThanOrEqual(highest)
  const handedOver = readLedger(sim.ledgerFile).filter(
    ({ event, orderId }) => event === 'handed-over' && orderId === 'ord_2',
  )
  expect(handedOver).toHaveLength(1)
})

it('loses no report and no position while a broker is killed and comes back', async () => {
  await using _turn = await infra.takeFaultTurn()
  const before = sim.own().length
  const boot = sim.own().at(-1)?.data.boot
  await sim.assign(itinerary({ order: 3, distanceM: 200 }))
  await sim.heard('leg.started', before)
  await infra.kill('kafka-2')
  await sim.heard('landed', before)
  await infra.restart('kafka-2')

  expect(withoutGap(sim.own().map(({ seq }) => seq))).toBe(true)
  expect(withoutGap(sim.positions().flatMap((one) => (one.boot === boot ? [one.seq] : [])))).toBe(true)
}, 90_000)

it('expires a command that was sent before the boot, and takes one that was sent after', async () => {
  await sim.stop('SIGTERM')
  const before = sim.own().length
  await sim.command('hold', { ttlMs: 600_000 })
  sim.start()
  expect((await sim.heard('command.finished', before)).data).toMatchObject({ commandId: 'cmd_1', outcome: 'expired' })

  const after = sim.own().length
  await sim.command('hold', { ttlMs: 600_000 })
  const { data } = await sim.heard('command.finished', after)
  expect(data).toMatchObject({ commandId: 'cmd_2', outcome: 'succeeded' })
})
