/**
 * The OpenAPI 3.1 document, made of the routes that are served: their schemas are the ones that validate, and a route
 * without its lines in the tables beside this file is an error at the start. What the front door does to every request
 * (credentials, limits, the deny list, entity tags) is added here, so that no table repeats it.
 */
import { type ProblemCode, problems } from '@fleet/contracts/problems'
import { IdempotencyKey } from '@fleet/contracts/rest'
import { ok, openRoute, type Route } from '@fleet/runtime/http'
import { z } from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponseObject } from 'zod-openapi'
import { accountDocs } from './account-docs.ts'
import { components } from './components.ts'
import { fleetDocs } from './fleet-docs.ts'
import { orderDocs } from './order-docs.ts'
import type { ReplyDoc, RouteDoc, RouteDocs, Tag } from './route-doc.ts'

export type ApiDocument = ReturnType<typeof createDocument>

const docs: RouteDocs = { ...orderDocs, ...fleetDocs, ...accountDocs }

const tags: Record<Tag, string> = {
  orders: 'Orders: placed, read, cancelled, followed live.',
  tracking: 'A public link for each order, for its recipient.',
  dispatch: 'Bases, no-fly zones and deliveries.',
  drones: 'The registry, and commands to one drone.',
  fleet: 'Positions, and commands to many drones.',
  health: "The drones' health, and that of the services.",
  accounts: 'Sessions, API keys and stream tickets.',
  security: 'The audit log, the deny list, the keys.',
  document: 'This document.',
}

const securitySchemes = {
  customerToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of a customer, from `POST /v1/sessions`.',
  },
  operatorToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The access token of an operator, from `POST /v1/sessions`.',
  },
  apiKey: {
    type: 'http',
    scheme: 'bearer',
    description: "An API key of a customer (`ddf_live_…`): for a customer's server.",
  },
  streamTicket: {
    type: 'apiKey',
    in: 'query',
    name: 'ticket',
    description: 'From `POST /v1/stream-tickets`; opens one stream, once, within 30 s.',
  },
} as const

const text = { type: 'string' } as const
const replyHeaders = {
  Location: { schema: text, description: 'Where what was made is.' },
  Age: { schema: text, description: 'How many seconds old the answer is, where it is the last known one.' },
  ETag: { schema: text, description: 'Names this state; `If-None-Match` asks whether it still is.' },
  'RateLimit-Policy': { schema: text, description: 'The limits (IETF draft 8).' },
  RateLimit: { schema: text, description: 'What is left of the tightest limit, and for how many seconds.' },
  'Retry-After': { schema: text, description: 'How many seconds to wait.' },
  'X-Correlation-Id': { schema: text, description: 'Names this request in every log and message that it causes.' },
}
const headersOf = (...names: (keyof typeof replyHeaders)[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
/** Statuses that may say how long to wait. */
const waits: ReadonlySet<number> = new Set([429, 503, 504])
const always = ['RateLimit-Policy', 'RateLimit', 'X-Correlation-Id'] as const

/** `GET /v1/orders/:id` in a URL template: `/v1/orders/{id}`. */
const template = (path: string) => path.replace(/:(\w+)/g, '{$1}')
const isStream = ({ replies }: RouteDoc) => replies[200]?.events !== undefined

function docOf({ method, path }: Route): RouteDoc {
  const doc = docs[`${method} /${path.slice(1)}`]
  if (doc === undefined)
    throw new Error(`${method} ${path} stands in no table of gateway/openapi: nobody could know it`)
  return doc
}

/** Everything that may be refused at this route, by its table, its inputs, its caller and the front door. */
function refusalsOf({ method, allow, inputs }: Route, doc: RouteDoc): ProblemCode[] {
  const { needs } = doc
  const keyed = doc.idempotencyKey !== undefined
  return [
    ...(doc.refuses ?? []),
    ...(Object.keys(inputs).length > 0 || keyed ? (['request.invalid'] as const) : []),
    ...(inputs.params === undefined && method === 'GET' ? [] : (['request.malformed'] as const)),
    ...(method === 'GET' ? [] : (['request.too-large', 'request.media-type'] as const)),
    ...(allow === 'anyone' ? [] : (['auth.missing', 'auth.invalid'] as const)),
    // Keys and tickets stand in the gateway's database; access tokens open the door without it.
    ...(allow.includes('customer') || isStream(doc) ? (['service.unavailable'] as const) : []),
    ...(allow === 'anyone' || allow.length > 1 ? [] : (['auth.forbidden'] as const)),
    ...(needs === 'nothing' ? [] : (['service.unavailable'] as const)),
    // A caller's X-Deadline-Ms ends the waiting for a service, or for a body that comes slowly.
    ...(needs === 'services' || method !== 'GET' ? (['service.timeout'] as const) : []),
    'address.denied',
    'rate.exceeded',
    'internal',
  ]
}

type Responses = Record<string, ZodOpenApiResponseObject>

/** One response a status: its codes are the only ones that it may carry. What many routes refuse alike is named, and told once. */
function refusalResponses(codes: readonly ProblemCode[], named: Responses): Responses {
  const byStatus = Map.groupBy(new Set(codes), (code) => problems[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, these]) => {
      const name = these.join('-or-')
      named[name] ??= {
        id: name,
        description: these.map((code) => `\`${code}\`: ${problems[code].title}.`).join('\n'),
        headers: headersOf(...always, ...(waits.has(status) ? (['Retry-After'] as const) : [])),
        content: {
          'application/problem+json': {
            schema: {
              allOf: [
                { $ref: '#/components/schemas/Problem' },
                { type: 'object', properties: { status: { const: status }, code: { enum: these } } },
              ],
            },
          },
        },
      }
      return [`${status}`, named[name]]
    }),
  )
}

function replyResponse({ says, schema, events, headers = [] }: ReplyDoc): ZodOpenApiResponseObject {
  const response = { description: says, headers: headersOf(...headers, ...always) }
  if (events !== undefined) {
    const byName = Object.fromEntries(
      Object.entries(events).map(([name, component]) => [name, { $ref: `#/components/schemas/${component}` }]),
    )
    return { ...response, content: { 'text/event-stream': { schema: z.string(), 'x-events': byName } } }
  }
  if (schema === undefined) return response
  return { ...response, content: { 'application/json': { schema } } }
}

function securityOf({ allow }: Route, doc: RouteDoc): Record<string, string[]>[] {
  if (allow === 'anyone') return []
  return [
    ...(allow.includes('customer') ? [{ customerToken: [] }, { apiKey: [] }] : []),
    ...(allow.includes('operator') ? [{ operatorToken: [] }] : []),
    ...(isStream(doc) ? [{ streamTicket: [] }] : []),
  ]
}

function requestHeaders(route: Route, doc: RouteDoc) {
  const optional = (description: string) => z.string().optional().meta({ description })
  return z.object({
    ...(doc.idempotencyKey === undefined
      ? {}
      : {
          'Idempotency-Key': (doc.idempotencyKey === 'required' ? IdempotencyKey : IdempotencyKey.optional()).meta({
            description: 'Chosen by the caller: the same key and body give the same answer, and another body is 422.',
          }),
        }),
    ...(route.method === 'GET' && !isStream(doc)
      ? { 'If-None-Match': optional('An ETag: 304 where it still is.') }
      : {}),
    ...(isStream(doc) && doc.tag === 'orders' ? { 'Last-Event-ID': optional('The id of the last event seen.') } : {}),
  })
}

function operationOf(route: Route, named: Responses): ZodOpenApiOperationObject {
  const doc = docOf(route)
  const { params, query, body } = route.inputs
  const notModified: Record<string, ZodOpenApiResponseObject> =
    route.method === 'GET' && !isStream(doc)
      ? { 304: { description: 'It is as the reader has it.', headers: headersOf('ETag', ...always) } }
      : {}
  return {
    operationId: doc.id,
    tags: [doc.tag],
    summary: doc.summary,
    ...(doc.description === undefined ? {} : { description: doc.description }),
    security: securityOf(route, doc),
    requestParams: {
      header: requestHeaders(route, doc),
      ...(params instanceof z.ZodObject ? { path: params } : {}),
      ...(query instanceof z.ZodObject ? { query } : {}),
    },
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: body } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(doc.replies).map(([status, reply]) => [status, replyResponse(reply)])),
      ...notModified,
      ...refusalResponses(refusalsOf(route, doc), named),
    },
  }
}

/** The document of `routes`. Refuses a route that stands in no table, and a line of a table that no route stands behind. */
export function apiDocument(routes: readonly Route[]): ApiDocument {
  const served = new Set(routes.map(({ method, path }) => `${method} ${path}`))
  const gone = Object.keys(docs).filter((at) => !served.has(at))
  if (gone.length > 0) throw new Error(`gateway/openapi tells of ${gone.join(', ')}, which no route answers`)
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {}
  const responses: Responses = {}
  for (const route of routes) {
    const path = template(route.path)
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, responses) }
  }
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Drone delivery fleet',
        version: '1.0.0',
        description:
          'Orders by drone, and the fleet that flies them. Every refusal is a problem document (RFC 9457) with its `code`, and where it helps the `field`, the `limit` and the `value`. Times are ISO 8601, places `{ lat, lon }` in degrees, units stand in the names. Further fields may be added to replies, further events to streams. A 500 is always a fault of ours.',
      },
      servers: [{ url: '/' }],
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      paths,
      components: { schemas: components, headers: replyHeaders, securitySchemes },
    },
    {
      // Requests are closed: an unknown field is a refusal. Replies are open, so that a field can be added within a version.
      override: ({ jsonSchema, io }) => {
        if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
      },
    },
  )
}

/** `routes`, and the one that serves their document. */
export function withDocument(routes: readonly Route[]): Route[] {
  const all: Route[] = [
    ...routes,
    openRoute('GET /openapi.json', {}, async () => ok(document, { 'cache-control': 'no-cache' })),
  ]
  const document = apiDocument(all)
  return all
}
