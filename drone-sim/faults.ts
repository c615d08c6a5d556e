/**
 * What can go wrong with a drone, as a value: which faults it has, since when and until when, and what they do to what it says.
 * Pure: chance comes in as numbers, so that the same seed gives the same nonsense. The fleet does the rest: who is not heard, does
 * not hear, goes dark or falls.
 */
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { DroneId } from '@fleet/contracts/ids'
import { UnixMs } from '@fleet/contracts/units'
import { destination, type Point } from '@fleet/geo/distance'
import { z } from 'zod'
import type { Random } from './random.ts'

const FaultKind = z.enum([
  'silent',
  'frozen',
  'jumping',
  'drifting',
  'corrupt',
  'wrong-clock',
  'low-battery',
  'deaf',
  'crash',
  'power-cut',
  'hanging-reboot',
  'link-down',
])
export type FaultKind = z.infer<typeof FaultKind>

/** What `size` means to each fault and what it is where none is given; whether a reboot cures it: what sits in the computer's memory. */
export const faultKinds: Readonly<Record<FaultKind, { size: number; rebootCures: boolean }>> = {
  /** Nothing leaves it: positions are lost, reports wait. It still hears and obeys. */
  silent: { size: 0, rebootCures: true },
  /** Its navigation repeats one place, height, speed and heading. */
  frozen: { size: 0, rebootCures: true },
  /** Metres by which every second position is off, in any direction. */
  jumping: { size: 500, rebootCures: true },
  /** Metres a second by which its positions wander off in one direction. */
  drifting: { size: 3, rebootCures: true },
  /** The share of its positions whose bytes are garbled before they are signed. */
  corrupt: { size: 1, rebootCures: true },
  /** Milliseconds by which its wall clock is ahead; its monotonic clock is right. */
  'wrong-clock': { size: 3_600_000, rebootCures: true },
  /** Percent that its battery falls to at once. */
  'low-battery': { size: 8, rebootCures: false },
  /** Commands do not come through to it; itineraries do. */
  deaf: { size: 0, rebootCures: true },
  /** It falls from the sky, for good, with what it carries. */
  crash: { size: 0, rebootCures: false },
  /** Its computer goes dark at once, and comes back after the time of a reboot. */
  'power-cut': { size: 0, rebootCures: false },
  /** Its computer does not come back from a reboot while this lasts. */
  'hanging-reboot': { size: 0, rebootCures: false },
  /** Nothing comes or goes; positions, reports and messages are kept, and pass when it is over. */
  'link-down': { size: 0, rebootCures: false },
}

/** World milliseconds. Without `forMs` it lasts until a reboot cures it or `none` ends all of the drone's faults. */
export const FaultOrder = z.strictObject({
  droneId: DroneId,
  fault: z.enum([...FaultKind.options, 'none']),
  forMs: z.int().min(1).max(86_400_000).optional(),
  size: z.number().min(-1e9).max(1e9).optional(),
})
export type FaultOrder = z.infer<typeof FaultOrder>
/** Who has which faults. */
export const FaultsReply = z.object({ items: z.array(z.object({ droneId: DroneId, faults: z.array(FaultKind) })) })

/** Times are monotonic world milliseconds. */
type Fault = {
  readonly sinceMs: number
  readonly untilMs: number
  readonly size: number
  /** For drifting: which way. */
  readonly bearingDeg: number
  /** For frozen: what it said last. */
  readonly stuck: Fix | null
}
type Fix = Point & Pick<DronePosition, 'altitudeM' | 'speedMps' | 'headingDeg'>
export type Faults = Readonly<Partial<Record<FaultKind, Fault>>>

/** The faults after `order`, given at `atMs`; `chance` is from 0 to below 1. */
export function afterOrder(faults: Faults, order: FaultOrder, atMs: number, chance: number): Faults {
  if (order.fault === 'none') return {}
  const size = order.size ?? faultKinds[order.fault].size
  const untilMs = order.forMs === undefined ? Number.POSITIVE_INFINITY : atMs + order.forMs
  return { ...faults, [order.fault]: { sinceMs: atMs, untilMs, size, bearingDeg: 360 * chance, stuck: null } }
}

/** The faults without those that are over at `atMs`. The same value where none is. */
export const present = (faults: Faults, atMs: number): Faults => without(faults, (_, { untilMs }) => atMs >= untilMs)

/** The faults after a reboot of the computer. */
export const afterReboot = (faults: Faults): Faults => without(faults, (kind) => faultKinds[kind].rebootCures)

function without(faults: Faults, isOver: (kind: FaultKind, fault: Fault) => boolean): Faults {
  const over = FaultKind.options.filter((kind) => {
    const fault = faults[kind]
    return fault !== undefined && isOver(kind, fault)
  })
  if (over.length === 0) return faults
  return Object.fromEntries(Object.entries(faults).filter(([kind]) => !over.some((one) => one === kind)))
}

/** Which faults these are. */
export const kindsOf = (faults: Faults): FaultKind[] => FaultKind.options.filter((kind) => faults[kind] !== undefined)

/** Whether nothing leaves the drone now. */
export const isMute = (faults: Faults): boolean => faults.silent !== undefined || faults['link-down'] !== undefined
/** Whether nothing comes to it now, and must wait. */
export const isCutOff = (faults: Faults): boolean => faults['link-down'] !== undefined

/** What it says instead of `position`, and the faults afterwards: a frozen one remembers where it froze. */
export function distort(
  position: DronePosition,
  faults: Faults,
  { atMs, random }: { atMs: number; random: Random },
): { position: DronePosition; faults: Faults } {
  const { jumping, drifting, frozen } = faults
  let said = position
  if (jumping !== undefined && position.seq % 2 === 0) {
    said = moved(said, { bearingDeg: 360 * random(), distanceM: jumping.size })
  }
  if (drifting !== undefined) {
    const distanceM = (drifting.size * (atMs - drifting.sinceMs)) / 1_000
    said = moved(said, { bearingDeg: drifting.bearingDeg, distanceM })
  }
  if (frozen === undefined) return { position: said, faults }
  const { lat, lon, altitudeM, speedMps, headingDeg } = said
  const stuck = frozen.stuck ?? { lat, lon, altitudeM, speedMps, headingDeg }
  return { position: { ...said, ...stuck }, faults: { ...faults, frozen: { ...frozen, stuck } } }
}

const sevenDecimals = (deg: number) => Math.round(deg * 1e7) / 1e7
function moved(position: DronePosition, way: { bearingDeg: number; distanceM: number }): DronePosition {
  const { lat, lon } = destination(position, way)
  return { ...position, lat: sevenDecimals(lat), lon: sevenDecimals(lon) }
}

/** The bytes that a position becomes: broken JSON, or a value that no schema takes, in turn by chance. */
export function garble(bytes: Buffer, faults: Faults, random: Random): Buffer {
  const { corrupt } = faults
  if (corrupt === undefined || random() >= corrupt.size) return bytes
  const chance = random()
  if (chance < 1 / 3) return bytes.subarray(0, Math.floor(bytes.length / 2))
  if (chance < 2 / 3) return Buffer.from(bytes.toString().replace(/"lat":[-\d.]+/, '"lat":1000'))
  const flipped = Buffer.from(bytes)
  // The opening brace and the first quote: JSON that nobody reads.
  for (let at = 0; at < 2; at += 1) flipped[at] = (flipped[at] ?? 0) ^ 0x80
  return flipped
}

/** What its wall clock shows at `worldMs`; never a time before 1970. */
export const wallClock = (worldMs: UnixMs, faults: Faults): UnixMs =>
  UnixMs.parse(Math.max(0, Math.round(worldMs + (faults['wrong-clock']?.size ?? 0))))
