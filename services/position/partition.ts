/**
 * One partition as its stored batches add up: each drone's newest position and ledger. Pure and never changed in place:
 * a batch makes the next state, which becomes the present one once its transaction is committed, or is dropped.
 */
import { DronePosition } from '@fleet/contracts/drone-positions'
import { DroneId } from '@fleet/contracts/ids'
import { z } from 'zod'
import { countCopies, emptyLedger, type Ledger, nothingSettled, type Refused, refuse, storeAll } from './ledger.ts'

export type DroneState = { readonly latest: DronePosition | null; readonly ledger: Ledger }

export type Partition = {
  readonly partition: number
  /** How many batches it holds. */
  readonly number: number
  /** The stored offset after the last of them. */
  readonly offset: number
  readonly drones: ReadonlyMap<DroneId, DroneState>
  /** Every message refused here, by reason. */
  readonly refusedMessages: Readonly<Record<string, number>>
}

/** What one batch of records comes to. Of what was refused, `refused` holds what can be put to a drone's account. */
export type Effect = {
  /** As they come back from storage: `quantised`. */
  stored: readonly DronePosition[]
  refused: readonly (Refused & { droneId: DroneId })[]
  copies: readonly { droneId: DroneId; boot: number; n: number }[]
  refusedMessages: Readonly<Record<string, number>>
}

export const emptyPartition = (partition: number): Partition => ({
  partition,
  number: 0,
  offset: 0,
  drones: new Map(),
  refusedMessages: {},
})

const unseen: DroneState = { latest: null, ledger: emptyLedger }

/** The drone's state in `partition`, empty where it was never heard of. */
export const droneIn = (partition: Partition, droneId: DroneId): DroneState => partition.drones.get(droneId) ?? unseen

/** Of two positions of a drone the newer one: what was stored on board and came late is history. */
export const newer = (one: DronePosition | null, other: DronePosition): DronePosition =>
  one === null || other.boot > one.boot || (other.boot === one.boot && other.seq > one.seq) ? other : one

/** `partition` after its batch `number`, which ends before `offset`. */
export function apply(
  partition: Partition,
  effect: Effect,
  { number, offset }: { number: number; offset: number },
): Partition {
  const drones = new Map(partition.drones)
  const change = (droneId: DroneId, next: (state: DroneState) => DroneState) =>
    drones.set(droneId, next(drones.get(droneId) ?? unseen))
  for (const [droneId, own] of Map.groupBy(effect.stored, (position) => position.droneId)) {
    change(droneId, ({ latest, ledger }) => ({
      latest: own.reduce<DronePosition | null>(newer, latest),
      ledger: storeAll(ledger, own),
    }))
  }
  for (const { droneId, ...refused } of effect.refused) {
    change(droneId, (state) => ({ ...state, ledger: refuse(state.ledger, refused) }))
  }
  for (const { droneId, boot, n } of effect.copies) {
    change(droneId, (state) => ({ ...state, ledger: countCopies(state.ledger, { boot, n }) }))
  }
  const refusedMessages = { ...partition.refusedMessages }
  for (const [reason, n] of Object.entries(effect.refusedMessages)) {
    refusedMessages[reason] = (refusedMessages[reason] ?? 0) + n
  }
  return { ...partition, number, offset, drones, refusedMessages }
}

const Ranges = z.array(z.tuple([z.int(), z.int()]))
const StoredPartition = z.object({
  partition: z.int(),
  number: z.int(),
  offset: z.int(),
  drones: z.array(
    z.tuple([
      DroneId,
      z.object({
        latest: DronePosition.nullable(),
        ledger: z.object({
          boots: z.array(
            z.object({
              boot: z.int(),
              highest: z.int(),
              stored: Ranges,
              refused: z.record(z.string(), Ranges),
              copies: z.int(),
              // Snapshots of before have none.
              settled: z
                .object({ to: z.int(), stored: z.int(), refused: z.record(z.string(), z.int()) })
                .default(nothingSettled),
            }),
          ),
          earlier: z
            .object({
              boots: z.int(),
              givenOut: z.int(),
              stored: z.int(),
              refused: z.int(),
              missing: z.int(),
              copies: z.int(),
            })
            .nullable(),
        }),
      }),
    ]),
  ),
  refusedMessages: z.record(z.string(), z.int()),
})

/** The state as text, for a snapshot. */
export const toText = (partition: Partition): string => JSON.stringify({ ...partition, drones: [...partition.drones] })

/** The state that `toText` wrote. @throws where it is not one. */
export function fromText(text: string): Partition {
  const parsed = StoredPartition.parse(JSON.parse(text))
  return { ...parsed, drones: new Map(parsed.drones) }
}
