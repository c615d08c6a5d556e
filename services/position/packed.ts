/**
 * Many positions as one document's columns, and back.
 *
 * The problem: a document a position, or a drone and batch, is what limits a database; a document a batch is not. The
 * idea: the rows of a batch stand ordered by drone, in order of arrival within a drone; each figure is one column of
 * whole numbers, each number the difference from the row before of the same drone, so that a drone that goes on as it
 * did costs a byte or two. A reader that wants one drone decodes the columns and keeps its rows.
 *
 * Units: places 1e-7 degree (11 mm), altitude 1 cm, speed 1 cm/s, heading 0.01 degree, battery 0.01 %, times 1 ms. A
 * position that is read back differs from the one sent by half a unit at most: `quantised` is what comes back.
 */
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { DroneId } from '@fleet/contracts/ids'
import { UnixMs } from '@fleet/contracts/units'
import { intReader, writeInt } from './varint.ts'

export const columnNames = [
  'boot',
  'seq',
  'takenAtMs',
  'latE7',
  'lonE7',
  'altitudeCm',
  'speedCmps',
  'headingCdeg',
  'batteryCpct',
] as const
type ColumnName = (typeof columnNames)[number]
type Row = Record<ColumnName, number>

export type Packed = {
  n: number
  drones: DroneId[]
  /** Rows of each drone, in the order of `drones`. */
  rows: number[]
  minTakenAtMs: number
  maxTakenAtMs: number
  columns: Record<ColumnName, Buffer>
}

const zero: Row = {
  boot: 0,
  seq: 0,
  takenAtMs: 0,
  latE7: 0,
  lonE7: 0,
  altitudeCm: 0,
  speedCmps: 0,
  headingCdeg: 0,
  batteryCpct: 0,
}
const circleCdeg = 36_000

/** Math.round may give -0, which is not 0 to everyone. */
const whole = (value: number) => Math.round(value) + 0

const toRow = (position: DronePosition): Row => ({
  boot: position.boot,
  seq: position.seq,
  takenAtMs: position.takenAtMs,
  latE7: whole(position.lat * 1e7),
  lonE7: whole(position.lon * 1e7),
  altitudeCm: whole(position.altitudeM * 100),
  speedCmps: whole(position.speedMps * 100),
  headingCdeg: whole(position.headingDeg * 100) % circleCdeg, // 359.999 is north again.
  batteryCpct: whole(position.batteryPct * 100),
})

const fromRow = (droneId: DroneId, row: Row): DronePosition => ({
  droneId,
  boot: row.boot,
  seq: row.seq,
  takenAtMs: UnixMs.parse(row.takenAtMs),
  lat: row.latE7 / 1e7,
  lon: row.lonE7 / 1e7,
  altitudeM: row.altitudeCm / 100,
  speedMps: row.speedCmps / 100,
  headingDeg: row.headingCdeg / 100,
  batteryPct: row.batteryCpct / 100,
})

/** `position` as it comes back from storage. */
export const quantised = (position: DronePosition): DronePosition => fromRow(position.droneId, toRow(position))

/** Packs positions; the order within each drone is kept. */
export function pack(positions: readonly DronePosition[]): Packed {
  const byDrone = Map.groupBy(positions, ({ droneId }) => droneId)
  const bytes = new Map<ColumnName, number[]>(columnNames.map((name) => [name, []]))
  let minTakenAtMs = Number.POSITIVE_INFINITY
  let maxTakenAtMs = Number.NEGATIVE_INFINITY
  for (const own of byDrone.values()) {
    let before = zero
    for (const position of own) {
      const row = toRow(position)
      for (const [name, column] of bytes) writeInt(column, row[name] - before[name])
      before = row
      minTakenAtMs = Math.min(minTakenAtMs, row.takenAtMs)
      maxTakenAtMs = Math.max(maxTakenAtMs, row.takenAtMs)
    }
  }
  const column = (name: ColumnName) => Buffer.from(bytes.get(name) ?? [])
  return {
    n: positions.length,
    drones: [...byDrone.keys()],
    rows: [...byDrone.values()].map((own) => own.length),
    minTakenAtMs: positions.length === 0 ? 0 : minTakenAtMs,
    maxTakenAtMs: positions.length === 0 ? 0 : maxTakenAtMs,
    columns: {
      boot: column('boot'),
      seq: column('seq'),
      takenAtMs: column('takenAtMs'),
      latE7: column('latE7'),
      lonE7: column('lonE7'),
      altitudeCm: column('altitudeCm'),
      speedCmps: column('speedCmps'),
      headingCdeg: column('headingCdeg'),
      batteryCpct: column('batteryCpct'),
    },
  }
}

/** The positions of `packed`, quantised; those of `only` alone where it is named. */
export function unpack(packed: Pick<Packed, 'drones' | 'rows' | 'columns'>, only?: DroneId): DronePosition[] {
  const readers = columnNames.map((name) => ({ name, read: intReader(packed.columns[name]) }))
  const positions: DronePosition[] = []
  for (const [index, droneId] of packed.drones.entries()) {
    const row = { ...zero }
    for (let left = packed.rows[index] ?? 0; left > 0; left--) {
      for (const { name, read } of readers) row[name] += read()
      if (only === undefined || only === droneId) positions.push(fromRow(DroneId.parse(droneId), row))
    }
  }
  return positions
}
