import { DronePosition } from '@fleet/contracts/drone-positions'
import { UnixMs, unixMsMax } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { compress, pack, quantised, unpack } from './packed.ts'
import { drone, position } from './testing/drones.ts'
import { intReader, intWriter } from './varint.ts'

const anyDrone = fc.constantFrom('a', 'b', 'c').map(drone)
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const anyPosition: fc.Arbitrary<DronePosition> = fc.record({
  droneId: anyDrone,
  boot: fc.integer({ min: 1, max: 1_000_000_000 }),
  seq: fc.integer({ min: 1, max: 2_147_483_647 }),
  takenAtMs: fc.integer({ min: 0, max: unixMsMax }).map((ms) => UnixMs.parse(ms)),
  lat: number(-90, 90),
  lon: number(-180, 180),
  altitudeM: number(-500, 10_000),
  speedMps: number(0, 150),
  headingDeg: fc.double({ min: 0, max: 360, maxExcluded: true, noNaN: true }),
  batteryPct: number(0, 100),
})

describe('varints', () => {
  it('give back every safe integer', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger()), (numbers) => {
        const writer = intWriter()
        for (const one of numbers) writer.write(one)
        const read = intReader(writer.bytes())
        expect(numbers.map(() => read())).toEqual(numbers.map((one) => one + 0))
      }),
    )
  })

  it('take one byte for a small difference', () => {
    const writer = intWriter()
    writer.write(-63)
    expect(writer.bytes()).toHaveLength(1)
  })

  it('refuse to read past the end', () => {
    expect(() => intReader(Uint8Array.of(128))()).toThrow(RangeError)
  })
})

describe('packed positions', () => {
  it('come back quantised, each drone in its order', () => {
    fc.assert(
      fc.property(fc.array(anyPosition, { maxLength: 60 }), (positions) => {
        const packed = pack(positions)
        const back = unpack(packed)
        expect(unpack(compress(packed))).toEqual(back)
        const order = [...Map.groupBy(positions, ({ droneId }) => droneId).values()].flat()
        expect(back).toEqual(order.map(quantised))
      }),
    )
  })

  it('come back for one drone alone', () => {
    fc.assert(
      fc.property(fc.array(anyPosition, { maxLength: 60 }), anyDrone, (positions, only) => {
        const own = positions.filter(({ droneId }) => droneId === only)
        expect(unpack(pack(positions), only)).toEqual(own.map(quantised))
      }),
    )
  })

  it('are off by half a unit at most, and still positions', () => {
    fc.assert(
      fc.property(anyPosition, (sent) => {
        const back = quantised(sent)
        const turnedDeg = Math.abs(back.headingDeg - sent.headingDeg)
        expect(DronePosition.parse(back)).toEqual(back)
        expect(Math.abs(back.lat - sent.lat)).toBeLessThanOrEqual(0.51e-7)
        expect(Math.abs(back.lon - sent.lon)).toBeLessThanOrEqual(0.51e-7)
        expect(Math.abs(back.altitudeM - sent.altitudeM)).toBeLessThanOrEqual(0.005_01)
        expect(Math.abs(back.speedMps - sent.speedMps)).toBeLessThanOrEqual(0.005_01)
        expect(Math.min(turnedDeg, 360 - turnedDeg)).toBeLessThanOrEqual(0.005_01)
        expect(Math.abs(back.batteryPct - sent.batteryPct)).toBeLessThanOrEqual(0.005_01)
        expect(quantised(back)).toEqual(back)
      }),
    )
  })

  it('tell the time that they span', () => {
    const at = [3, 1, 2].map((ms) => position(drone('a'), { takenAtMs: UnixMs.parse(ms) }))
    expect(pack(at)).toMatchObject({ n: 3, minTakenAtMs: 1, maxTakenAtMs: 3 })
  })

  it('take less than 12 bytes a position of a drone in flight', () => {
    const flight = Array.from({ length: 100 }, (_, i) =>
      position(drone('a'), { seq: i + 1, lat: 43.6 + i * 1.3e-4, lon: 7.05 - i * 1.1e-4, batteryPct: 90 - i * 0.04 }),
    )
    expect(pack(flight).columns.length / flight.length).toBeLessThan(12)
  })
})
