import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DroneCommandMessage } from '@fleet/contracts/drone-commands'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { DroneId } from '@fleet/contracts/ids'
import { ItineraryMessage } from '@fleet/contracts/itineraries'
import { waitUntil } from '@fleet/local/wait'
import { createClock } from '@fleet/runtime/clock'
import { silentLog } from '@fleet/runtime/log'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createFleet, type Fleet } from './fleet.ts'
import { openNonVolatileStore } from './non-volatile-store.ts'
import { seededRandom } from './random.ts'
import { base, droneId, itinerary } from './testing/rig.ts'
import { openWorld } from './world.ts'

const speed = 100
let folder: string
let fleet: Fleet
let positions: DronePosition[]
const drones = [droneId, DroneId.parse('drn_other')].map((id) => ({ droneId: id, base, random: seededRandom('1', id) }))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleet-sim-fleet-'))
  positions = []
  fleet = createFleet({
    drones,
    store: openNonVolatileStore(folder),
    world: openWorld(folder, drones),
    clock: createClock({ epochMs: 0, speed }),
    log: silentLog(),
    sendPosition: (position) => positions.push(position),
    onReport: () => undefined,
    positionPeriodMs: 1_000,
    padPeriodMs: 10_000,
    rebootMs: 20_000,
  })
  fleet.start()
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
const absentAtMs = performance.now() * speed * 2 // Absent at any moment so far: as young as can be.

describe('the fleet', () => {
  it('keeps a message for a computer that is dark, and says that it is heard only when it is remembered', async () => {
    await fleet.deliver(droneId, { type: 'command', message: reboot, absentAtMs })
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

  it('tells where a drone is more often in the air than on its pad', async () => {
    await fleet.deliver(droneId, { type: 'itinerary-message', message: assigned })
    const of = (id: DroneId) => positions.filter((position) => position.droneId === id)
    await waitUntil('positions of the drone in the air', () => of(droneId).length > 40, { timeoutMs: 10_000 })
    expect(of(DroneId.parse('drn_other')).length).toBeLessThan(10)
  })

  it('forgets reports only when brokers have them', async () => {
    await fleet.deliver(droneId, { type: 'itinerary-message', message: assigned })
    fleet.reportsAccepted(droneId, 1)
    expect(reportsOf(droneId).map(({ seq }) => seq)).toEqual([2, 3])
  })
})
