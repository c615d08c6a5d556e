/** All rules over one scene. */
import { altitude } from './altitude.ts'
import { battery } from './battery.ts'
import { clock } from './clock.ts'
import { corridor } from './corridor.ts'
import { frozen } from './frozen.ts'
import { gaps } from './gaps.ts'
import { ignores } from './ignores.ts'
import { jump } from './jump.ts'
import { nonsense } from './nonsense.ts'
import { refuses } from './refuses.ts'
import type { Evidence, RuleName, Scene } from './scene.ts'
import { silent } from './silent.ts'
import type { Thresholds } from './thresholds.ts'
import { wander } from './wander.ts'
import { zone } from './zone.ts'

/** The gravest first: where several speak, the first one decides what is done. */
const rules = {
  silent,
  nonsense,
  frozen,
  jump,
  battery,
  'no-fly-zone': zone,
  altitude,
  corridor,
  wander,
  clock,
  ignores,
  refuses,
  gaps,
} satisfies Record<RuleName, (scene: Scene, thresholds: Thresholds) => Evidence | null>

/** What every rule has to say of `scene`, the gravest first. */
export const examine = (scene: Scene, thresholds: Thresholds): (Evidence & { rule: RuleName })[] =>
  Object.values(rules).flatMap((rule) => {
    const evidence = rule(scene, thresholds)
    return evidence === null || evidence.rule === 'operator' ? [] : [{ ...evidence, rule: evidence.rule }]
  })
