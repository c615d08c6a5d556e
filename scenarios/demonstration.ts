/** All scenarios, in the order of a demonstration. */
import { delivery } from './delivery.ts'
import { outageOfPosition } from './outage-of-position.ts'
import type { Scenario } from './scenario.ts'

export const demonstration: readonly Scenario[] = [delivery, outageOfPosition]
