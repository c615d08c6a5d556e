/** Walks the collection with newman against a gateway. */
import { join } from 'node:path'
import newman from 'newman'
import { z } from 'zod'

type Account = { user: string; password: string }
export type Walk = { requests: number; assertions: number; failures: string[]; operations: Set<string> }

const folder = import.meta.dirname
/** Real milliseconds: for the whole, for one request, and for the reading of a stream that ends by itself. */
const wholeMsMax = 120_000
const requestMsMax = 20_000

const Summary = z.object({
  run: z.object({
    stats: z.object({ requests: z.object({ total: z.int() }), assertions: z.object({ total: z.int() }) }),
    failures: z.array(
      z.object({ error: z.object({ message: z.string() }), source: z.object({ name: z.string() }).optional() }),
    ),
    executions: z.array(z.object({ item: z.object({ name: z.string() }) })),
  }),
})

export async function walkWithNewman({
  gateway,
  customer,
  operator,
  environment = 'embedded',
  reporters = [],
}: {
  gateway: string
  customer: Account
  operator: Account
  environment?: 'embedded' | 'docker'
  reporters?: string[]
}): Promise<Walk> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  newman.run(
    {
      collection: join(folder, 'fleet.postman_collection.json'),
      environment: join(folder, `${environment}.postman_environment.json`),
      envVar: [
        { key: 'gateway', value: gateway },
        { key: 'customerUser', value: customer.user },
        { key: 'customerPassword', value: customer.password },
        { key: 'operatorUser', value: operator.user },
        { key: 'operatorPassword', value: operator.password },
      ],
      reporters,
      timeout: wholeMsMax,
      timeoutRequest: requestMsMax,
    },
    (error, summary) => (error === null ? resolve(summary) : reject(error)),
  )
  const { run } = Summary.parse(await promise)
  return {
    requests: run.stats.requests.total,
    assertions: run.stats.assertions.total,
    failures: run.failures.map(({ error, source }) => `${source?.name ?? ''}: ${error.message}`),
    operations: new Set(run.executions.map(({ item }) => item.name.split(':')[0] ?? '')),
  }
}
