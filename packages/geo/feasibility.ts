/** Whether any drone could ever fly an order, whatever the fleet is doing now; where none could, by how much. */
import { distanceM, type Point } from './distance.ts'

/** A base and what its drones can do: `Base` of the contracts has this shape. */
export type BaseFigures = { readonly place: Point; readonly rangeM: number; readonly payloadGMax: number }

export type Feasibility<Base extends BaseFigures> =
  /** `base` is the nearest that can. */
  | { readonly ok: true; readonly base: Base; readonly distanceM: number }
  /** The nearest base carries no further; `beyondM` metres are missing from the base that comes closest to reaching. */
  | {
      readonly ok: false
      readonly reason: 'too-far'
      readonly nearestBase: Base
      readonly distanceM: number
      readonly beyondM: number
    }
  /** Bases reach the place, but the strongest of them carries `payloadGMax` grams, `beyondG` too few. */
  | {
      readonly ok: false
      readonly reason: 'too-heavy'
      readonly nearestBase: Base
      readonly distanceM: number
      readonly beyondG: number
      readonly payloadGMax: number
    }
  | { readonly ok: false; readonly reason: 'no-base' }

/** The nearest base that reaches `dropOff` and carries `weightG` grams, or why there is none. */
export function feasibility<Base extends BaseFigures>(
  order: { dropOff: Point; weightG: number },
  bases: readonly Base[],
): Feasibility<Base> {
  const byDistance = bases
    .map((base) => ({ base, distanceM: distanceM(base.place, order.dropOff) }))
    .sort((a, b) => a.distanceM - b.distanceM)
  const nearest = byDistance[0]
  if (nearest === undefined) return { ok: false, reason: 'no-base' }

  const reaching = byDistance.filter((way) => way.distanceM <= way.base.rangeM)
  const nearestReaching = reaching[0]
  if (nearestReaching === undefined) {
    const beyondM = Math.min(...byDistance.map((way) => way.distanceM - way.base.rangeM))
    return { ok: false, reason: 'too-far', nearestBase: nearest.base, distanceM: nearest.distanceM, beyondM }
  }

  const capable = reaching.find((way) => order.weightG <= way.base.payloadGMax)
  if (capable !== undefined) return { ok: true, ...capable }
  const payloadGMax = Math.max(...reaching.map((way) => way.base.payloadGMax))
  return {
    ok: false,
    reason: 'too-heavy',
    nearestBase: nearestReaching.base,
    distanceM: nearestReaching.distanceM,
    beyondG: order.weightG - payloadGMax,
    payloadGMax,
  }
}
