import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DroneCommandMessage } from '@fleet/contracts/drone-commands'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { DroneId } from '@fleet/contracts/ids'
import { ItineraryMessage } from '@fleet/contracts/itineraries'
import { UnixMs } from '@fleet/contracts/units'
import { waitUntil } from '@fleet/local/wait'
import { type Clock, createClock } from '@fleet/runtime/clock'
import { silentLog } from '@fleet/runtime/log'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createFleet, type Fleet } from './fleet.ts'
import { readLedger } from './ledger.ts'
import { openNonVolatileStore } from './non-volatile-store.ts'
import { seededRandom } from './random.ts'
import { base, droneId, itinerary } from './testing/rig.ts'
import { openWorld } from './world.ts'

const speed = 100
let folder: string
let fleet: Fleet
let positions: DronePosition[]
/** How many positions there were each time that the fleet said that a turn was over. */
let queuedAtTick: number[]
const start = (ids: DroneId[], clock: Clock = createClock({ epochMs: 0, speed })) => {
  const drones = ids.map((id) => ({ droneId: id, base, random: seededRandom('1', id) }))
  fleet = createFleet({
    drones,
    store: openNonVolatileStore(folder),
    world: openWorld(folder, drones),
    clock,
    log: silentLog(),
    sendPosition: (position) => positions.push(position),
    onTick: () => queuedAtTick.push(positions.length),
    onReport: () => undefined,
    positionPeriodMs: 1_000,
    padPeriodMs: 10_000,
    rebootMs: 20_000,
    weather: { windMps: 0, lossShare: 0 },
  })
  fleet.start()
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleet-sim-fleet-'))
  positions = []
  queuedAtTick = []
  start([droneId, DroneId.parse('drn_other')])
})
afterEach(() => {
  fleet.close()
  rmSync(folder, { recursive: true })
})

const envelope = { id: 'msg_1', version: 1, at: 0, key: droneId, seq: 1, correlationId: 'c', causationId: 't' }
const reboot = DroneCommandMessage.parse({
  ...envelope,
  type: 'reboot',
  data: { droneId, commandId: 'cmd_1', ttlMs: 86_400_000, endsBoot: 1 },
})
const assigned = ItineraryMessage.parse({ ...envelope, type: 'itinerary.assigned', data: { droneId, ...itinerary() } })
const reportsOf = (id: DroneId) => fleet.pendingReports(100).filter(({ key }) => key === id)
/** Not there until this moment: as young as can be. */
const justSent = () => performance.now() * speed

describe('the fleet', () => {
  it('keeps a message for a computer that is dark, and says that it is heard only when it is remembered', async () => {
    await fleet.deliver(droneId, { type: 'command', message: reboot, absentAtMs: justSent() })
    const heard = fleet.deliver(droneId, { type: 'itinerary-message', message: assigned })
    expect(reportsOf(droneId).map(({ type }) => type)).not.toContain('itinerary.accepted')

    await heard
    expect(openNonVolatileStore(folder).load(droneId)).toMatchObject({
      boot: 2,
      heard: { itineraries: 1, commands: 1 },
    })
    expect(reportsOf(droneId).map(({ type }) => type)).toEqual([
      'booted',
      'command.acknowledged',
      'booted',
      'command.finished',
      'itinerary.accepted',
      'leg.started',
    ])
  })

  it('tells where a drone is less often when it has stood for a minute', async () => {
    await fleet.deliver(droneId, { type: 'itinerary-message', message: assigned })
    const of = (id: DroneId) => positions.filter((position) => position.droneId === id)
    await waitUntil('positions of the drone in the air', () => of(droneId).length > 90, { timeoutMs: 30_000 })
    expect(of(DroneId.parse('drn_other')).length).toBeLessThan(75)
  })

  it('forgets reports only when brokers have them', async () => {
    await fleet.deliver(droneId, { type: 'itinerary-message', message: assigned })
    fleet.reportsAccepted(droneId, 1)
    expect(reportsOf(droneId).map(({ seq }) => seq)).toEqual([2, 3])
  })
})

describe('a fleet with faults', () => {
  const of = (id: DroneId) => positions.filter((position) => position.droneId === id)
  const until = (what: string, holds: () => boolean) => waitUntil(what, holds, { timeoutMs: 30_000 })
  const hear = () => fleet.deliver(droneId, { type: 'itinerary-message', message: assigned })

  it('loses the positions of a silent drone and keeps its reports, until a reboot, which it hears', async () => {
    await until('a position', () => of(droneId).length > 0)
    fleet.inflict({ droneId, fault: 'silent' })
    const before = of(droneId).length
    await hear()
    await until('the other to go on', () => of(DroneId.parse('drn_other')).length > before + 1)
    expect(of(droneId)).toHaveLength(before)
    expect(reportsOf(droneId)).toEqual([])

    await fleet.deliver(droneId, { type: 'command', message: reboot, absentAtMs: justSent() })
    await until('its reports', () => reportsOf(droneId).some(({ type }) => type === 'command.finished'))
    expect(reportsOf(droneId).map(({ type }) => type)).toContain('itinerary.accepted')
  })

  it('drops commands for a deaf drone, and no itineraries', async () => {
    fleet.inflict({ droneId, fault: 'deaf' })
    await fleet.deliver(droneId, { type: 'command', message: reboot, absentAtMs: justSent() })
    await hear()
    expect(reportsOf(droneId).map(({ type }) => type)).toEqual(['booted', 'itinerary.accepted', 'leg.started'])
  })

  it('keeps what comes and goes while the link is down, and lets it pass afterwards', async () => {
    fleet.inflict({ droneId, fault: 'link-down', forMs: 300_000 })
    let heard = false
    const hearing = hear().then(() => {
      heard = true
    })
    await until('positions to be kept', () => of(droneId).length > 1)
    expect([heard, fleet.isMute(droneId), reportsOf(droneId)]).toEqual([false, true, []])

    await hearing
    expect(fleet.isMute(droneId)).toBe(false)
    expect(reportsOf(droneId).map(({ type }) => type)).toContain('itinerary.accepted')
  })

  it('does not bring a drone back whose reboot hangs, until that is over', async () => {
    fleet.inflict({ droneId, fault: 'hanging-reboot' })
    fleet.inflict({ droneId, fault: 'power-cut' })
    const hearing = hear()
    const boots = () => reportsOf(droneId).filter(({ type }) => type === 'booted').length
    const dark = of(droneId).length
    await until('the other to go on', () => of(DroneId.parse('drn_other')).length > 5)
    expect([boots(), of(droneId).length]).toEqual([1, dark])

    fleet.inflict({ droneId, fault: 'none' })
    await hearing
    expect(boots()).toBe(2)
  })

  it('brings a drone back whose power was cut, with a higher boot', async () => {
    fleet.inflict({ droneId, fault: 'power-cut' })
    await until('the next boot', () => reportsOf(droneId).some(({ data }) => data.boot === 2))
  })

  it('lets a drone fall that crashes, with its parcel, for good', async () => {
    await hear()
    fleet.inflict({ droneId, fault: 'crash' })
    expect(readLedger(join(folder, 'ledger.jsonl')).map(({ event }) => event)).toEqual(['loaded', 'lost'])
    const fallen = of(droneId).length
    await until('the other to go on', () => of(DroneId.parse('drn_other')).length > 5)
    expect(of(droneId).length).toBeLessThanOrEqual(fallen + 1)
  })

  it('takes the battery away, and says so in the positions', async () => {
    fleet.inflict({ droneId, fault: 'low-battery', size: 12 })
    await until('a low battery', () => (of(droneId).at(-1)?.batteryPct ?? 100) < 40)
  })

  it('shows positions, clock and bytes as the fault has them', async () => {
    fleet.inflict({ droneId, fault: 'wrong-clock', size: 5_000_000_000 })
    fleet.inflict({ droneId, fault: 'corrupt' })
    const right = () => of(DroneId.parse('drn_other')).at(-1)?.takenAtMs ?? Number.POSITIVE_INFINITY
    await until('a wrong time', () => (of(droneId).at(-1)?.takenAtMs ?? 0) > right() + 4_000_000_000)
    const last = of(droneId).at(-1)
    if (last === undefined) throw new Error('no position')
    expect(fleet.bytesOf(last).equals(Buffer.from(JSON.stringify(last)))).toBe(false)
    expect(fleet.faultsOf(droneId)).toEqual(['corrupt', 'wrong-clock'])
  })
})

describe('a large fleet', () => {
  it('says when all drones have had their turn', () => {
    expect(positions.map((one) => one.droneId)).toEqual([droneId, 'drn_other'])
    expect(queuedAtTick).toEqual([2])
  })

  it('has its turns spread over the period', async () => {
    const ids = Array.from({ length: 2_000 }, (_, index) => DroneId.parse(`drn_n${index}`))
    fleet.close()
    positions = []
    queuedAtTick = []
    // The clock stands, so that no others are switched on before both parts had their turn.
    start(ids, { worldNow: () => UnixMs.parse(0), worldElapsed: () => 0, realMs: (ms) => ms })
    await waitUntil('drones of both parts', () => queuedAtTick.length >= 2, { timeoutMs: 10_000 })

    // Two hundred are switched on at once: every second one of them is in the first part.
    expect(queuedAtTick.slice(0, 2)).toEqual([100, 200])
    expect(new Set(positions.map((one) => one.droneId)).size).toBe(200)
  })

  it('is switched on bit by bit while it is new, and all at once where its host starts again', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => DroneId.parse(`drn_n${index}`))
    const awake = () => new Set(fleet.pendingReports(1).map(({ key }) => key)).size
    let elapsedMs = 0
    const clock = {
      worldNow: () => UnixMs.parse(elapsedMs),
      worldElapsed: () => elapsedMs,
      realMs: (ms: number) => ms / speed,
    }
    fleet.close()
    start(ids, clock)
    expect(awake()).toBe(200)
    elapsedMs = 1_000
    await waitUntil('the others to boot', () => awake() === ids.length, { timeoutMs: 10_000 })

    fleet.close()
    start(ids, clock)
    const boots = fleet.pendingReports(100).filter(({ type }) => type === 'booted')
    expect(boots).toHaveLength(2 * ids.length)
  })
})
