import { ok, type Route } from '@fleet/runtime/http'
import { describe, expect, it } from '@jest/globals'
import type { Ask, Downstream } from './downstream.ts'
import { dispatchRoutes, droneRoutes } from './fleet-routes.ts'
import { customer, operator } from './testing/doubles.ts'

const body = { kind: 'hold', ttlMs: 60_000 }
const commandId = 'cmd_1'

/** What a service is asked when an operator calls `path` of the gateway. */
async function askedFor(at: string, inputs: Record<string, unknown> = {}) {
  const asked: Ask[] = []
  const service: Downstream = {
    ask: async () => {
      throw new Error('these routes hand on')
    },
    forward: async (ask) => {
      asked.push(ask)
      return ok({})
    },
    health: () => ({ service: 'any', status: 'up', instances: [] }),
    close: async () => undefined,
  }
  const found = [...droneRoutes(service), ...dispatchRoutes(service)].find((one) => `${one.method} ${one.path}` === at)
  if (found === undefined) throw new Error(`the gateway has no ${at}`)
  await found.handle(inputs, {
    caller: operator,
    correlationId: 'c',
    address: '127.0.0.1',
    header: (name) => (name === 'idempotency-key' ? 'k' : undefined),
    signal: new AbortController().signal,
  })
  const [only] = asked
  return { route: found, asked: only && `${only.method} ${only.path}`, key: only?.headers?.['idempotency-key'] }
}

const isOperators = ({ allow }: Route) =>
  allow !== 'anyone' && allow.includes(operator.role) && !allow.includes(customer.role)

describe("an operator's hand on the fleet, through the gateway", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ['POST /v1/drones/:id/commands', { params: { id: 'drn_1' }, body }, 'POST /v1/drones/drn_1/commands'],
    ['POST /v1/bases/:id/commands', { params: { id: 'bas_1' }, body }, 'POST /v1/bases/bas_1/commands'],
    ['POST /v1/fleet/commands', { body }, 'POST /v1/fleet/commands'],
  ])('%s goes on with its key', async (at, inputs, question) => {
    const { route, asked, key } = await askedFor(at, inputs)
    expect([asked, key, isOperators(route)]).toEqual([question, 'k', true])
  })

  it.each<[string, Record<string, unknown>, string]>([
    [
      'POST /v1/drones/:id/commands/:commandId/cancellation',
      { params: { id: 'drn_1', commandId } },
      'POST /v1/drones/drn_1/commands/cmd_1/cancellation',
    ],
    [
      'POST /v1/fleet/commands/:commandId/cancellation',
      { params: { commandId } },
      'POST /v1/fleet/commands/cmd_1/cancellation',
    ],
    ['GET /v1/fleet/commands/:commandId', { params: { commandId } }, 'GET /v1/fleet/commands/cmd_1'],
    ['POST /v1/bases/:id/pause', { params: { id: 'bas_1' } }, 'POST /v1/bases/bas_1/pause'],
    ['POST /v1/bases/:id/resume', { params: { id: 'bas_1' } }, 'POST /v1/bases/bas_1/resume'],
    [
      'GET /v1/drones/:id/history',
      { params: { id: 'drn_1' }, query: { from: '2026-01-01T00:00:00Z' } },
      'GET /v1/drones/drn_1/history?from=2026-01-01T00%3A00%3A00Z',
    ],
  ])('%s is reached, by operators alone', async (at, inputs, question) => {
    const { route, asked } = await askedFor(at, inputs)
    expect([asked, isOperators(route)]).toEqual([question, true])
  })
})
