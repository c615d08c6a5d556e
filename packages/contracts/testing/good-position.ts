/** A position that keeps the contract, for tests of how positions are read. */
import { DroneId } from '../ids.ts'

export const goodPosition = {
  droneId: DroneId.parse('drn_a'),
  boot: 1,
  seq: 1,
  takenAtMs: 1_700_000_000_000,
  lat: 43.6,
  lon: 7.05,
  altitudeM: 120.5,
  speedMps: 19.99,
  headingDeg: 271.3,
  batteryPct: 88.12,
}
