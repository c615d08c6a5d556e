import type { DroneReport } from '@fleet/contracts/drone-reports'
import { BaseId, CommandId, DroneId, HostId, MessageId } from '@fleet/contracts/ids'
import { UnixMs } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import { type Drone, type DroneCommand, decide, evolve, observe } from './drone.ts'

const droneId = DroneId.parse('drn_a')
const atMs = UnixMs.parse(5)
const enrol: Extract<DroneCommand, { type: 'drone.enrol' }> = {
  type: 'drone.enrol',
  droneId,
  name: 'kestrel',
  hostId: HostId.parse('host-a'),
  baseId: BaseId.parse('bas_a'),
  nameTakenBy: null,
  atMs,
}
const revoke: DroneCommand = { type: 'drone.revoke', droneId, atMs }

const after = (...commands: DroneCommand[]): Drone =>
  commands.reduce<Drone>(
    (drone, command) => {
      const decision = decide(drone, command)
      return decision.ok ? decision.events.reduce(evolve, drone) : drone
    },
    { status: 'none' },
  )

const envelope = {
  id: MessageId.parse('msg_a'),
  version: 1,
  key: droneId,
  correlationId: 'c',
  causationId: 'c',
} as const
const place = { lat: 43, lon: 7 }
const booted = (boot: number, seq = boot): DroneReport => ({
  ...envelope,
  type: 'booted',
  seq,
  at: UnixMs.parse(seq),
  data: { droneId, boot, before: null, place, batteryPct: 90, landed: true, itinerary: null },
})

describe('a drone in the registry', () => {
  it('is enrolled with the first key', () => {
    expect(after(enrol)).toMatchObject({ status: 'enrolled', keyVersion: 1, enrolledAtMs: 5, seen: null })
  })

  it('is not enrolled under a name that another has or had', () => {
    const decision = decide({ status: 'none' }, { ...enrol, nameTakenBy: DroneId.parse('drn_b') })
    expect(decision).toMatchObject({ ok: false, refusal: { code: 'drone.name-taken', value: 'kestrel' } })
  })

  it('is revoked once and for all', () => {
    expect(after(enrol, revoke)).toMatchObject({ status: 'revoked', revokedAtMs: 5 })
    expect(decide(after(enrol, revoke), revoke)).toEqual({ ok: true, events: [] })
    expect(decide({ status: 'none' }, revoke)).toMatchObject({ ok: false, refusal: { code: 'drone.unknown' } })
  })
})

describe('what is known of a drone', () => {
  it('is what it last said, and what it said before of the rest', () => {
    const kept: DroneReport = {
      ...envelope,
      type: 'command.acknowledged',
      seq: 2,
      at: UnixMs.parse(9),
      data: { droneId, boot: 1, commandId: CommandId.parse('cmd_a'), commandSeq: 1 },
    }
    const seen = observe(observe(null, booted(1)), kept)
    expect(seen).toEqual({ report: 'command.acknowledged', atMs: 9, boot: 1, landed: true, batteryPct: 90, place })
  })

  it('does not go back to an earlier boot', () => {
    const seen = observe(null, booted(3))
    expect(observe(seen, booted(2, 9))).toBe(seen)
  })
})
