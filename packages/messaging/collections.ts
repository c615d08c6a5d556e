/** Collections and their indexes, made before the first transaction, which cannot make them. */
import { ConstantBackoff, handleWhen, retry } from 'cockatiel'
import { type Model, mongo } from 'mongoose'

const prepareMsMax = 20_000
const retryMs = 200

const passingCodes: readonly unknown[] = [
  // Not primary, recovering, stepping down, shutting down: what a member answers while another is elected.
  ...[91, 189, 10107, 11600, 11602, 13435, 13436],
  // The moment that is read at is too old, or its collections have changed since: a new reading has a new moment.
  ...[239, 246],
]

/** What an election, or a moment that has passed, does to a command; the same command may be given again. */
export const isInterrupted = (error: unknown): boolean =>
  error instanceof mongo.MongoNetworkError ||
  error instanceof mongo.MongoServerSelectionError ||
  error instanceof mongo.MongoWriteConcernError ||
  (error instanceof mongo.MongoServerError && passingCodes.includes(error.code))

/** Makes what `models` need; sits out an election. @throws the database's error after `prepareMsMax`. */
export async function prepareCollections(
  ...models: readonly Pick<Model<unknown>, 'createCollection' | 'createIndexes'>[]
) {
  const startedMs = performance.now()
  const worthwhile = (error: unknown) => isInterrupted(error) && performance.now() - startedMs <= prepareMsMax
  const again = retry(handleWhen(worthwhile), {
    maxAttempts: prepareMsMax / retryMs,
    backoff: new ConstantBackoff(retryMs),
  })
  for (const model of models) {
    await again.execute(async () => {
      await model.createCollection()
      await model.createIndexes()
    })
  }
}
