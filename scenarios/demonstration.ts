/** All scenarios, in the order of a demonstration. */
import { circuitBreaker } from './circuit-breaker.ts'
import { delivery } from './delivery.ts'
import { outageOfPosition } from './outage-of-position.ts'
import { retry } from './retry.ts'
import type { Scenario } from './scenario.ts'
import { swarm, swarmMonkey } from './swarm.ts'
import { twoComposes } from './two-composes.ts'

export const demonstration: readonly Scenario[] = [
  delivery,
  outageOfPosition,
  circuitBreaker,
  retry,
  twoComposes,
  swarm,
  swarmMonkey,
]
