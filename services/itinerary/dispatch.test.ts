import type { WaitingReason } from '@fleet/contracts/deliveries'
import { droneModel } from '@fleet/contracts/drone-model'
import { BaseId, DroneId, HostId, OrderId, ZoneId } from '@fleet/contracts/ids'
import { UnixMs } from '@fleet/contracts/units'
import { destination, type Point } from '@fleet/geo/distance'
import { describe, expect, it } from '@jest/globals'
import { chooseDrone, crossesZone } from './dispatch.ts'
import { type Drone, enrolled } from './drone.ts'

const atMs = UnixMs.parse(1_000_000)
const home: Point = { lat: 43.6163, lon: 7.0552 }
const east = (distanceM: number) => destination(home, { bearingDeg: 90, distanceM })
const dropOff = east(1_000)

const base = (name: string, place = home, paused = false) => ({
  baseId: BaseId.parse(`bas_${name}`),
  name,
  place,
  rangeM: 8_000,
  payloadGMax: droneModel.payloadGMax,
  paused,
})
const drone = (name: string, baseName: string, more: Partial<Drone> = {}): Drone => {
  const droneId = DroneId.parse(`drn_${name}`)
  const entry = { droneId, name, hostId: HostId.parse('host-x'), keyVersion: 1, enrolledAtMs: atMs }
  const place = baseName === 'far' ? east(5_000) : home
  const heard = { boot: 1, landed: true, place, batteryPct: 100, atMs }
  return { ...enrolled({ ...entry, baseId: BaseId.parse(`bas_${baseName}`) }), heard, ...more }
}
/** A square zone of `sideM` around `middle`. */
const zone = (middle: Point, sideM = 100) => ({
  zoneId: ZoneId.parse('zon_1'),
  name: 'school',
  outline: [45, 135, 225, 315].map((bearingDeg) => destination(middle, { bearingDeg, distanceM: sideM / Math.SQRT2 })),
})
const choose = (given: Partial<Parameters<typeof chooseDrone>[1]>) =>
  chooseDrone(
    {
      status: 'waiting',
      orderId: OrderId.parse('ord_1'),
      dropOff,
      parcel: { weightG: 500 },
      placedAtMs: atMs,
      flights: 0,
      sinceMs: atMs,
      waitingFor: null,
      because: null,
    },
    {
      bases: [base('near')],
      zones: [],
      drones: [drone('1', 'near')],
      crewed: new Set([BaseId.parse('bas_near'), BaseId.parse('bas_far')]),
      figures: droneModel,
      atMs,
      ...given,
    },
  )

const waits = (waitingFor: WaitingReason) => ({ ok: false, waitingFor, charging: null })

describe('the choice of a drone', () => {
  it('takes the fullest idle drone of the nearest base', () => {
    const low = drone('low', 'near', { heard: { boot: 1, landed: true, place: home, batteryPct: 60, atMs } })
    const choice = choose({ bases: [base('far', east(5_000)), base('near')], drones: [low, drone('1', 'near')] })
    expect(choice).toMatchObject({ ok: true, drone: { droneId: 'drn_1' }, base: { baseId: 'bas_near' } })
  })

  it('passes a paused base over for the next, and says so where there is no other', () => {
    const paused = base('near', home, true)
    const other = { bases: [paused, base('far', east(5_000))], drones: [drone('1', 'near'), drone('2', 'far')] }
    expect(choose(other)).toMatchObject({ ok: true, drone: { droneId: 'drn_2' } })
    expect(choose({ bases: [paused] })).toEqual(waits('base-paused'))
  })

  it('sends nobody through a no-fly zone, but from another side where there is one', () => {
    const between = zone(east(500))
    expect(choose({ zones: [between] })).toEqual(waits('no-fly-zone'))
    const other = { bases: [base('near'), base('far', east(5_000))], drones: [drone('1', 'near'), drone('2', 'far')] }
    expect(choose({ ...other, zones: [between] })).toMatchObject({ ok: true, drone: { droneId: 'drn_2' } })
  })

  it.each(['suspect', 'unresponsive', 'defective', 'rebooting', 'recovering'] as const)(
    'leaves a drone alone that is %s',
    (health) => {
      expect(choose({ drones: [drone('1', 'near', { health })] })).toEqual(waits('no-idle-drone'))
    },
  )

  it('leaves a drone alone that is held, or has come down elsewhere than at its base', () => {
    const field = { boot: 1, landed: true, place: east(droneModel.atBaseM + 1), batteryPct: 100, atMs }
    const pad = { ...field, place: east(droneModel.atBaseM - 1) }
    expect(choose({ drones: [drone('1', 'near', { held: true })] })).toEqual(waits('no-idle-drone'))
    expect(choose({ drones: [drone('1', 'near', { heard: field })] })).toEqual(waits('no-idle-drone'))
    expect(choose({ drones: [drone('1', 'near', { heard: pad })] })).toMatchObject({ ok: true })
  })

  it('waits for charge where no idle drone has enough, and tells the fullest', () => {
    const at = (batteryPct: number) => ({ boot: 1, landed: true, place: home, batteryPct, atMs })
    const drones = [drone('low', 'near', { heard: at(10) }), drone('fuller', 'near', { heard: at(20) })]
    expect(choose({ drones })).toMatchObject({
      ok: false,
      waitingFor: 'no-charged-drone',
      charging: { droneId: 'drn_fuller' },
    })
    const beyond = { ...base('near', east(60_000)), rangeM: 100_000 }
    const there = drone('1', 'near', { heard: { ...at(100), place: beyond.place } })
    expect(choose({ bases: [beyond], drones: [there] })).toMatchObject({ ok: false, charging: null })
  })

  it('waits for a drone where the base has none that could ever fly, and for an idle one where it has', () => {
    expect(choose({ drones: [], crewed: new Set() })).toEqual(waits('no-drone-at-base'))
    expect(choose({ drones: [] })).toEqual(waits('no-idle-drone'))
  })
})

describe('a straight way', () => {
  it('crosses a zone that lies on it, begins or ends in it, and none that lies beside it', () => {
    const crosses = (middle: Point) => crossesZone(home, dropOff, [zone(middle)])
    expect([home, east(500), dropOff].map(crosses)).toEqual([true, true, true])
    const beside = destination(east(500), { bearingDeg: 0, distanceM: 120 })
    expect([beside, east(1_200)].map(crosses)).toEqual([false, false])
  })
})
