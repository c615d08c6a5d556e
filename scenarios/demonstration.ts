/** All scenarios, in the order of a demonstration. */
import { attacks } from './attacks.ts'
import { backFromTheDead } from './back-from-the-dead.ts'
import { battery } from './battery.ts'
import { blind } from './blind.ts'
import { circuitBreaker } from './circuit-breaker.ts'
import { defectivePositions } from './defective-positions.ts'
import { delivery } from './delivery.ts'
import { healthyHour } from './healthy-hour.ts'
import { outageOfPosition } from './outage-of-position.ts'
import { rebootAndRelaunch } from './reboot-and-relaunch.ts'
import { replaceDrone } from './replace-drone.ts'
import { retry } from './retry.ts'
import { scaleOut } from './scale-out.ts'
import type { Scenario } from './scenario.ts'
import { silentDrone } from './silent-drone.ts'
import { stopEverything } from './stop-everything.ts'
import { twoComposes } from './two-composes.ts'
import { undecided } from './undecided.ts'

export const demonstration: readonly Scenario[] = [
  delivery,
  outageOfPosition,
  circuitBreaker,
  retry,
  scaleOut,
  defectivePositions,
  rebootAndRelaunch,
  silentDrone,
  backFromTheDead,
  stopEverything,
  ...attacks,
  // These lose a drone each, for good.
  replaceDrone,
  undecided,
  battery,
  // These lose a broker, or a member of the database.
  blind,
  healthyHour,
  twoComposes,
]
