/** What provokes each status: what any route refuses alike, from the document; and what takes a story, told here. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Api, Operation } from './document.ts'
import type { Call, Recorder } from './recorder.ts'
import { someAtOnce } from './some-at-once.ts'

/** These need neither service nor database. */
const overload = 'refused only where too much is under way: gateway/shed.test.ts'
/** Documented, and not provoked here: why, and what holds it instead. */
export const notProvoked: Readonly<Record<string, string>> = {
  '* 500': 'a 500 is always a fault of ours; packages/runtime/http.test.ts provokes it with a handler that throws',
  'readKeys 503': overload,
  'readDocument 503': overload,
  'listDenials 503': overload,
  'listAllowed 503': overload,
  'readServicesHealth 503': overload,
  'readConsumerLag 503': overload,
  'judgeLink 200': 'the link is lost only where the whole fleet falls silent: services/drone-health/watch.test.ts',
  'denyAddress 409': 'the list is full at ten thousand addresses',
  'exemptAddress 409': 'the list is full at ten thousand addresses',
  'closeDelivery 200':
    'a delivery is undecided only where its drone dies with a permit: services/itinerary/routes.test.ts',
}

/** What is there to be read, by operation. */
export type Paths = Readonly<Record<string, Record<string, string>>>

const tooLong = JSON.stringify({ padding: 'x'.repeat(70_000) })
const roleOf = ({ security }: Operation): Call['as'] => {
  if (security.includes('customerToken')) return 'customer'
  return security.includes('operatorToken') ? 'operator' : undefined
}
/** Something that a path parameter takes, and that names nothing. */
function anyPath(api: Api, operation: Operation): Record<string, string> {
  const prefix = (pattern: unknown) => /\^(\w{3})_/.exec(String(pattern))?.[1]
  return Object.fromEntries(
    operation.parameters
      .filter((parameter) => parameter.in === 'path')
      .map(({ name, schema }) => {
        const { pattern } = api.resolved(schema)
        if (name === 'address') return [name, '192.0.2.77']
        if (name === 'token') return [name, 'n'.repeat(43)]
        const id = prefix(pattern)
        return [name, id === 'key' ? `key_${'0'.repeat(24)}` : `${id ?? 'x'}_nobody`]
      }),
  )
}
/** The one kind of query that a route insists on is a moment. */
const anyQuery = ({ parameters }: Operation): Record<string, string> =>
  Object.fromEntries(
    parameters.filter((each) => each.in === 'query' && each.required).map(({ name }) => [name, '2020-01-01T00:00:00Z']),
  )
const allowed = (operation: Operation, call: Call = {}): Call => {
  const as = roleOf(operation)
  return { query: anyQuery(operation), ...(as === undefined ? {} : { as }), ...call }
}

/** A denied address is answered so often; after that its connections are closed. */
const answersOfDenied = 4

/** How many denied addresses `provokeFrontDoor` calls from. */
export const deniedAddresses = ({ operations }: Api) => Math.ceil(operations.length / answersOfDenied)

/** A gateway that is asked everything at once sheds some of it, and the stories beside. */
const operationsAtOnce = 8

/** 400, 401, 403, 413, 415: at every route that documents them. */
export async function provokeFrontDoor(api: Api, { look }: Recorder, deniedFrom: readonly string[]): Promise<void> {
  await someAtOnce(api.operations, operationsAtOnce, async (operation, index) => {
    const { statuses, method } = operation
    const path = anyPath(api, operation)
    if (statuses.includes(401) && operation.security.length > 0) await look(operation, { path })
    if (method !== 'GET') {
      await look(operation, allowed(operation, { path, text: '{"broken"' }))
      await look(operation, allowed(operation, { path, text: tooLong }))
      const headers = { 'content-type': 'application/json; charset=latin1' }
      await look(operation, allowed(operation, { path, text: '{}', headers }))
    } else if (statuses.includes(400)) {
      // A path that is no UTF-8, and a query that is none of its own.
      await look(operation, allowed(operation))
      await look(operation, allowed(operation, { path, query: { nonsense: '1' } }))
    }
    const from = deniedFrom[Math.floor(index / answersOfDenied)]
    if (from !== undefined) await look(operation, allowed(operation, { path, from }))
    const other = roleOf(operation) === 'customer' ? 'operator' : 'customer'
    if (operation.security.length > 0) await look(operation, { path, as: other })
  })
}

/** What is read may have changed before it is read again, as the health of services does on a busy machine. */
const notModifiedTries = 10

/** 304: what was read once is read again. One after the other: so many at once are more than one caller may ask. */
export async function provokeNotModified(api: Api, { call }: Recorder, known: Paths) {
  for (const operation of api.operations.filter(({ statuses }) => statuses.includes(304))) {
    const asked = allowed(operation, { path: known[operation.id] ?? {} })
    let { headers } = await call(operation.id, 200, asked)
    for (let count = 0; count < notModifiedTries; count += 1) {
      const again = { ...asked, headers: { 'if-none-match': headers.etag ?? '"none"' } }
      const answer = await call(operation.id, [200, 304], again)
      if (answer.status === 304) break
      headers = answer.headers
    }
  }
}
/** 429: at a gateway that lets one request a minute in. */
export async function provokeLimits(api: Api, { look }: Recorder, at: string): Promise<void> {
  for (const operation of api.operations) await look(operation, { path: anyPath(api, operation), at })
}

/** A body that is late for its caller's own deadline is 504; behind a gateway whose services hang, the rest is too. */
export async function provokeTimeouts(api: Api, { look }: Recorder, hanging: string, known: Paths): Promise<void> {
  const headers = { 'x-deadline-ms': '50', 'idempotency-key': randomUUID() }
  for (const operation of api.operations.filter(({ statuses }) => statuses.includes(504))) {
    const path = known[operation.id] ?? anyPath(api, operation)
    if (operation.method === 'GET') await look(operation, allowed(operation, { path, at: hanging }))
    else
      await look(operation, allowed(operation, { path, headers, body: exampleOf(operation) ?? {}, bodyAfterMs: 300 }))
  }
}

/** Of the form that a page's session has; whether there is one, the database knows. */
const anyPageSession = `fleet_session=${'n'.repeat(43)}`

/** 503: behind a gateway whose services and whose database are away. */
export async function provokeOutage(api: Api, { look }: Recorder, cutOff: string): Promise<void> {
  await Promise.all(
    api.operations
      .filter(({ statuses }) => statuses.includes(503))
      .map((operation, index) => {
        const headers = { 'idempotency-key': randomUUID(), cookie: anyPageSession }
        const body = exampleOf(operation)
        // Of one address that has failed, one sign-in is looked at at a time.
        const from = `127.0.10.${index + 1}`
        const call = {
          path: anyPath(api, operation),
          at: cutOff,
          from,
          headers,
          ...(body === undefined ? {} : { body }),
        }
        const byTicket = operation.security.includes('streamTicket')
        return look(operation, byTicket ? { ...call, query: { ticket: 'none' } } : allowed(operation, call))
      }),
  )
}

/** A body that each route takes, by what it asks for. */
function exampleOf({ body }: Operation): unknown {
  if (body === undefined) return undefined
  const { properties, $ref } = z
    .object({ properties: z.record(z.string(), z.unknown()).default({}), $ref: z.string().optional() })
    .parse(body)
  const all: Record<string, unknown> = {
    user: 'nobody',
    password: 'nothing',
    refreshToken: 'r'.repeat(43),
    name: `contract-${randomUUID().slice(0, 8)}`,
    came: true,
    hostId: 'host-contract',
    baseId: 'bas_sophia',
    kind: 'hold',
    note: 'a test of the contract',
    outline: [
      { lat: 1, lon: 1 },
      { lat: 1, lon: 1.001 },
      { lat: 1.001, lon: 1 },
    ],
    droneId: 'drn_nobody',
    incident: 1,
    address: '192.0.2.77',
    reason: 'a test of the contract',
  }
  if ($ref?.endsWith('/PlaceOrder')) return { dropOff: { lat: 43.6217, lon: 7.0603 }, parcel: { weightG: 500 } }
  return Object.fromEntries(Object.keys(properties).flatMap((name) => (name in all ? [[name, all[name]]] : [])))
}
