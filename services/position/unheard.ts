/** Joins what was heard of each boot with the ceilings that later boots told: what lies between was given out, or nearly, and never heard. */
import type { DroneId } from '@fleet/contracts/ids'
import type { BootAccountReply } from '@fleet/contracts/rest'
import type { DroneCeilings } from './boot-ceilings.ts'

export type HeardAccount = Omit<BootAccountReply, 'unheard'>

/**
 * Each account with its `unheard`, and an account of each boot of which only its ceiling is known. `summedUp`: drones whose oldest boots
 * are no longer told one by one; of these, a boot before the oldest that is told may be one of those, and is left out.
 */
export function withUnheard(
  heard: readonly HeardAccount[],
  ceilings: readonly DroneCeilings[],
  summedUp: ReadonlySet<DroneId>,
): BootAccountReply[] {
  const bootsOf = new Map(ceilings.map(({ droneId, boots }) => [droneId, boots]))
  const heardOf = Map.groupBy(heard, ({ droneId }) => droneId)
  const drones = [...new Set([...heardOf.keys(), ...bootsOf.keys()])].toSorted((a, b) => (a < b ? -1 : 1))
  return drones.flatMap((droneId) => {
    const accounts = heardOf.get(droneId) ?? []
    const seqMaxOf = new Map(bootsOf.get(droneId)?.map(({ boot, seqMax }) => [boot, seqMax]))
    const told = accounts.map((account): BootAccountReply => {
      const seqMax = seqMaxOf.get(account.boot)
      return { ...account, unheard: seqMax === undefined ? null : Math.max(0, seqMax - account.givenOut) }
    })
    const known = new Set(accounts.map(({ boot }) => boot))
    const oldest = Math.min(...known)
    const silent = [...seqMaxOf]
      .filter(([boot, seqMax]) => seqMax > 0 && !known.has(boot) && (boot > oldest || !summedUp.has(droneId)))
      .map(([boot, seqMax]) => neverHeard(droneId, boot, seqMax))
    return [...told, ...silent].toSorted((a, b) => a.boot - b.boot)
  })
}

const neverHeard = (droneId: DroneId, boot: number, seqMax: number): BootAccountReply => ({
  droneId,
  boot,
  givenOut: 0,
  stored: 0,
  refused: 0,
  refusedByReason: {},
  missing: 0,
  missingRanges: [],
  copies: 0,
  unheard: seqMax,
})
