/** Topic `drone.positions`, key = drone: one sample a message, without the envelope. */
import { z } from 'zod'
import { DroneId } from './ids.ts'
import { AltitudeM, BatteryPct, BootCount, HeadingDeg, Latitude, Longitude, SpeedMps, UnixMs } from './units.ts'

export const DronePosition = z.object({
  droneId: DroneId,
  boot: BootCount,
  /** Per drone and boot, from 1, without gaps: a gap is a lost position. */
  seq: z.int().min(1).max(2_147_483_647),
  /** The drone's clock. */
  takenAtMs: UnixMs,
  lat: Latitude,
  lon: Longitude,
  altitudeM: AltitudeM,
  speedMps: SpeedMps,
  headingDeg: HeadingDeg,
  batteryPct: BatteryPct,
})
export type DronePosition = z.infer<typeof DronePosition>
