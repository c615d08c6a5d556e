/**
 * Many positions as one run of bytes, and back.
 *
 * The problem: a document a position, or a drone and batch, is what limits a database; a document a batch is not. The
 * idea: the rows stand ordered by drone, in order of arrival within a drone; each figure is one column of whole numbers.
 * A number is the difference from the row before of the same drone; where a drone in flight changes steadily (time,
 * place, altitude) it is how much that difference differs from the one before, which is nearly nothing. The first row of
 * a drone is the difference from the first row of the drone before it: drones of one moment share their time and region.
 * A reader that wants one drone decodes the columns and keeps its rows.
 *
 * Units: places 1e-7 degree (11 mm), altitude 1 cm, speed 1 cm/s, heading 0.01 degree, battery 0.01 %, times 1 ms. A
 * position that is read back differs from the one sent by half a unit at most: `quantised` is what comes back.
 */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { DroneId } from '@fleet/contracts/ids'
import { isUnixMs, UnixMs } from '@fleet/contracts/units'
import { type IntWriter, intReader, intWriter } from './varint.ts'

export type Packed = {
  n: number
  drones: DroneId[]
  /** Rows of each drone, in the order of `drones`. */
  rows: number[]
  minTakenAtMs: number
  maxTakenAtMs: number
  /** `columnCount` columns, each behind its length; `compress` makes them smaller once more. */
  columns: Buffer
  compressed: boolean
}

/** Boot, sequence, time, latitude, longitude, altitude, speed, heading, battery. */
const columnCount = 9
/** Columns that hold differences of differences. */
const steady = [false, false, true, true, true, true, false, false, false]
/** A larger difference is a clock set wrongly, and says nothing of the next: what is written stays a safe integer. */
const stepMax = 2 ** 48
const circleCdeg = 36_000

/** Math.round may give -0, which is not 0 to everyone. */
const whole = (value: number) => Math.round(value) + 0

const latE7 = ({ lat }: DronePosition) => whole(lat * 1e7)
const lonE7 = ({ lon }: DronePosition) => whole(lon * 1e7)
const altitudeCm = ({ altitudeM }: DronePosition) => whole(altitudeM * 100)
const speedCmps = ({ speedMps }: DronePosition) => whole(speedMps * 100)
const headingCdeg = ({ headingDeg }: DronePosition) => whole(headingDeg * 100) % circleCdeg // 359.999 is north again.
const batteryCpct = ({ batteryPct }: DronePosition) => whole(batteryPct * 100)

/** `position` as it comes back from storage. */
export const quantised = (position: DronePosition): DronePosition => ({
  droneId: position.droneId,
  boot: position.boot,
  seq: position.seq,
  takenAtMs: position.takenAtMs,
  lat: latE7(position) / 1e7,
  lon: lonE7(position) / 1e7,
  altitudeM: altitudeCm(position) / 100,
  speedMps: speedCmps(position) / 100,
  headingDeg: headingCdeg(position) / 100,
  batteryPct: batteryCpct(position) / 100,
})

function setRow(row: Float64Array, position: DronePosition): void {
  row[0] = position.boot
  row[1] = position.seq
  row[2] = position.takenAtMs
  row[3] = latE7(position)
  row[4] = lonE7(position)
  row[5] = altitudeCm(position)
  row[6] = speedCmps(position)
  row[7] = headingCdeg(position)
  row[8] = batteryCpct(position)
}

function toPosition(droneId: DroneId, row: Float64Array): DronePosition {
  const [boot = 0, seq = 0, ms = 0, lat = 0, lon = 0, altitude = 0, speed = 0, heading = 0, battery = 0] = row
  return {
    droneId,
    boot,
    seq,
    takenAtMs: isUnixMs(ms) ? ms : UnixMs.parse(ms),
    lat: lat / 1e7,
    lon: lon / 1e7,
    altitudeM: altitude / 100,
    speedMps: speed / 100,
    headingDeg: heading / 100,
    batteryPct: battery / 100,
  }
}

/** Packs positions; the order within each drone is kept. */
export function pack(positions: readonly DronePosition[]): Packed {
  const byDrone = Map.groupBy(positions, ({ droneId }) => droneId)
  const writers = Array.from({ length: columnCount }, intWriter)
  const row = new Float64Array(columnCount)
  const first = new Float64Array(columnCount)
  const before = new Float64Array(columnCount)
  const step = new Float64Array(columnCount)
  let minTakenAtMs = Number.POSITIVE_INFINITY
  let maxTakenAtMs = Number.NEGATIVE_INFINITY
  for (const own of byDrone.values()) {
    before.set(first)
    step.fill(0)
    for (let i = 0; i < own.length; i++) {
      const position = own[i]
      if (position === undefined) break
      setRow(row, position)
      for (let c = 0; c < columnCount; c++) {
        const difference = (row[c] ?? 0) - (before[c] ?? 0)
        if (steady[c]) {
          writers[c]?.write(difference - (step[c] ?? 0))
          // The first difference is one between drones, and says nothing of how this one goes on.
          step[c] = i > 0 && Math.abs(difference) < stepMax ? difference : 0
        } else writers[c]?.write(difference)
      }
      before.set(row)
      if (i === 0) first.set(row)
      if (position.takenAtMs < minTakenAtMs) minTakenAtMs = position.takenAtMs
      if (position.takenAtMs > maxTakenAtMs) maxTakenAtMs = position.takenAtMs
    }
  }
  return {
    n: positions.length,
    drones: [...byDrone.keys()],
    rows: [...byDrone.values()].map((own) => own.length),
    minTakenAtMs: positions.length === 0 ? 0 : minTakenAtMs,
    maxTakenAtMs: positions.length === 0 ? 0 : maxTakenAtMs,
    columns: joined(writers),
    compressed: false,
  }
}

/** The same, smaller: for what is written once and kept. */
export const compress = (packed: Packed): Packed =>
  packed.compressed ? packed : { ...packed, columns: zstdCompressSync(packed.columns), compressed: true }

/** The positions of `packed`, quantised; those of `only` alone where it is named. */
export function unpack(
  { drones, rows, columns, compressed }: Pick<Packed, 'drones' | 'rows' | 'columns' | 'compressed'>,
  only?: DroneId,
): DronePosition[] {
  const readers = split(compressed ? zstdDecompressSync(columns) : columns)
  const row = new Float64Array(columnCount)
  const first = new Float64Array(columnCount)
  const step = new Float64Array(columnCount)
  const positions: DronePosition[] = []
  for (const [index, text] of drones.entries()) {
    const wanted = only === undefined || only === text
    const droneId = DroneId.parse(text)
    row.set(first)
    step.fill(0)
    const count = rows[index] ?? 0
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < columnCount; c++) {
        let difference = readers[c]?.() ?? 0
        if (steady[c]) {
          difference += step[c] ?? 0
          step[c] = i > 0 && Math.abs(difference) < stepMax ? difference : 0
        }
        row[c] = (row[c] ?? 0) + difference
      }
      if (i === 0) first.set(row)
      if (wanted) positions.push(toPosition(droneId, row))
    }
  }
  return positions
}

function joined(writers: readonly IntWriter[]): Buffer {
  const lengths = intWriter()
  const columns = writers.map((writer) => writer.bytes())
  for (const { length } of columns) lengths.write(length)
  return Buffer.concat([lengths.bytes(), ...columns])
}

function split(bytes: Buffer): (() => number)[] {
  const readLength = intReader(bytes)
  const lengths = Array.from({ length: columnCount }, readLength)
  let at = bytes.length - lengths.reduce((sum, length) => sum + length, 0)
  return lengths.map((length) => {
    const column = bytes.subarray(at, at + length)
    at += length
    return intReader(column)
  })
}
