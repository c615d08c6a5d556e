/** Each fault by itself: what it makes of what a drone says, when it is over, and that chance is the seed's alone. */
import { DronePosition } from '@fleet/contracts/drone-positions'
import { UnixMs } from '@fleet/contracts/units'
import { distanceM } from '@fleet/geo/distance'
import { describe, expect, it } from '@jest/globals'
import {
  afterOrder,
  afterReboot,
  distort,
  type FaultKind,
  FaultOrder,
  faultKinds,
  garble,
  isCutOff,
  isMute,
  kindsOf,
  present,
  wallClock,
} from './faults.ts'
import { seededRandom } from './random.ts'
import { base, droneId } from './testing/rig.ts'

const position = (seq = 1, place = base) =>
  DronePosition.parse({
    droneId,
    boot: 1,
    seq,
    takenAtMs: seq * 1_000,
    ...place,
    altitudeM: 200,
    speedMps: 20,
    headingDeg: 90,
    batteryPct: 80 - seq,
  })
const order = (fault: FaultKind | 'none', rest: Partial<FaultOrder> = {}): FaultOrder => ({ droneId, fault, ...rest })
const withFault = (fault: FaultKind, rest: Partial<FaultOrder> = {}) => afterOrder({}, order(fault, rest), 1_000, 0.25)
const random = () => seededRandom('7', 'faults')

describe('a fault', () => {
  it('is over when its time is, with a reboot where that cures it, or when all faults are called off', () => {
    const faults = afterOrder(withFault('silent', { forMs: 500 }), order('hanging-reboot'), 1_000, 0)
    expect(kindsOf(present(faults, 1_499))).toEqual(['silent', 'hanging-reboot'])
    expect(kindsOf(present(faults, 1_500))).toEqual(['hanging-reboot'])
    expect(kindsOf(afterReboot(faults))).toEqual(['hanging-reboot'])
    expect(kindsOf(afterOrder(faults, order('none'), 1_200, 0))).toEqual([])
  })

  it('has a size, or the usual one', () => {
    expect(withFault('drifting').drifting?.size).toBe(faultKinds.drifting.size)
    expect(withFault('drifting', { size: 1.5 }).drifting?.size).toBe(1.5)
  })

  it('is refused where it has an unknown name or field', () => {
    expect(FaultOrder.safeParse({ droneId, fault: 'tired' }).success).toBe(false)
    expect(FaultOrder.safeParse({ droneId, fault: 'silent', forever: true }).success).toBe(false)
  })
})

describe('a drone', () => {
  it('that is silent is mute and still hears; with its link down it does neither', () => {
    expect([isMute(withFault('silent')), isCutOff(withFault('silent'))]).toEqual([true, false])
    expect([isMute(withFault('link-down')), isCutOff(withFault('link-down'))]).toEqual([true, true])
  })

  it('that is frozen repeats the place where it froze, while time, sequence and battery go on', () => {
    const first = distort(position(1), withFault('frozen'), { atMs: 1_000, random: random() })
    const elsewhere = position(2, { lat: base.lat + 0.01, lon: base.lon })
    const second = distort(elsewhere, first.faults, { atMs: 2_000, random: random() })
    const { lat, lon } = first.position
    expect(second.position).toEqual({ ...elsewhere, lat, lon, altitudeM: 200, speedMps: 20, headingDeg: 90 })
  })

  it('that jumps is off by the size of the jump at every second position, in the same places for the same seed', () => {
    const row = () => {
      const chance = random()
      const faults = withFault('jumping', { size: 300 })
      return Array.from(
        { length: 200 },
        (_, seq) => distort(position(1 + (seq % 50)), faults, { atMs: 0, random: chance }).position,
      )
    }
    const off = row().map((said) => distanceM(said, base))
    const jumped = off.filter((metres) => metres > 1)
    expect(jumped).toHaveLength(100)
    for (const metres of jumped) expect(metres).toBeCloseTo(300, 0)
    expect(row()).toEqual(row())
  })

  it('that drifts is off by its speed times the time since, in one direction', () => {
    const faults = withFault('drifting', { size: 2 })
    const at = (atMs: number) => distort(position(), faults, { atMs, random: random() }).position
    expect(distanceM(at(11_000), base)).toBeCloseTo(20, 0)
    expect(distanceM(at(21_000), base)).toBeCloseTo(40, 0)
    expect(distanceM(at(21_000), at(11_000))).toBeCloseTo(20, 0)
  })

  it('that garbles its bytes sends what no schema takes, and as often as it should', () => {
    const bytes = Buffer.from(JSON.stringify(position()))
    const read = (value: Buffer) => {
      try {
        return DronePosition.safeParse(JSON.parse(value.toString())).success
      } catch {
        return false
      }
    }
    const chance = random()
    for (let count = 0; count < 50; count += 1) expect(read(garble(bytes, withFault('corrupt'), chance))).toBe(false)
    const some = Array.from({ length: 200 }, () => read(garble(bytes, withFault('corrupt', { size: 0.25 }), chance)))
    expect(some.filter((isRead) => !isRead).length).toBeGreaterThan(25)
    expect(some.filter((isRead) => !isRead).length).toBeLessThan(75)
    expect(garble(bytes, {}, chance)).toBe(bytes)
  })

  it('whose clock is wrong shows a time that is off, never one before 1970', () => {
    const noon = UnixMs.parse(1_000_000)
    expect(wallClock(noon, withFault('wrong-clock', { size: -400 }))).toBe(999_600)
    expect(wallClock(noon, withFault('wrong-clock', { size: -5_000_000 }))).toBe(0)
    expect(wallClock(noon, {})).toBe(noon)
  })
})
