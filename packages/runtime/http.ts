/**
 * HTTP for every process. A route parses, asks the domain and returns a reply value; this file authenticates,
 * bounds, parses, sends, and turns refusals and errors into problem documents.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Refusal } from '@fleet/contracts/problems'
import express from 'express'
import { z } from 'zod'
import type { Health } from './health.ts'
import type { Log } from './log.ts'
import { metricsRegistry } from './metrics.ts'
import { invalidInput, problemDocument } from './problem.ts'
import { type StreamTimes, sendStream, streamTimes } from './stream.ts'
import type { Caller } from './tokens.ts'

const bodyBytesMax = 64 * 1024
const headerBytesMax = 16 * 1024
const requestMsMax = 30_000
/** A client that dawdles over its headers holds a socket and no more. */
const headersMsMax = 10_000
const connectionsMax = 12_000
/** An election takes two to five seconds. */
const outageRetryS = 2

/** One server-sent event. */
export type StreamEvent = { id?: string; event: string; data: unknown }

export type Reply =
  | { kind: 'json'; status: number; headers: Record<string, string>; body: unknown }
  | { kind: 'problem'; refusal: Refusal; headers: Record<string, string> }
  | { kind: 'events'; events: (signal: AbortSignal) => AsyncIterable<StreamEvent> }

export const ok = (body: unknown, headers: Record<string, string> = {}): Reply => ({
  kind: 'json',
  status: 200,
  headers,
  body,
})
export const created = (location: string, body: unknown): Reply => ({
  kind: 'json',
  status: 201,
  headers: { location },
  body,
})
/** A JSON reply of another status, such as one that is handed on from a service. */
export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Reply => ({
  kind: 'json',
  status,
  headers,
  body,
})
export const problem = (refusal: Refusal, headers: Record<string, string> = {}): Reply => ({
  kind: 'problem',
  refusal,
  headers,
})
/** Server-sent events until the iterable ends or the reader leaves, which aborts the signal. */
export const events = (make: (signal: AbortSignal) => AsyncIterable<StreamEvent>): Reply => ({
  kind: 'events',
  events: make,
})

/** A reply without a body. */
export const noContent = (): Reply => json(204, null)

/** Who may call: any of these roles. */
export type Allow = readonly Caller['role'][]

type Inputs = { body?: z.ZodType; params?: z.ZodType; query?: z.ZodType }
type Parsed<In extends Inputs> = {
  [Name in keyof In & keyof Inputs]: In[Name] extends z.ZodType ? z.output<In[Name]> : never
}

/** What a handler knows of a request beside its inputs and its caller. */
export type OpenContext = {
  /** One id from the customer's POST to the drone's last report. */
  correlationId: string
  header(name: string): string | undefined
  /** Where it came from, as the socket or a trusted proxy says. */
  address: string
  /** Aborted when the caller has left, or its deadline has passed. */
  signal: AbortSignal
}
export type RequestContext = OpenContext & { caller: Caller }

export type Route = {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  /** `'anyone'`: it asks for no credential. */
  allow: Allow | 'anyone'
  inputs: Inputs
  handle(inputs: Record<string, unknown>, context: OpenContext & { caller?: Caller }): Promise<Reply>
}

const AtRoute = z.tuple([z.enum(['GET', 'POST', 'DELETE']), z.string()])

/** A route: `'POST /v1/orders'`, who may call it, the schemas of what comes in, and what to do with it. */
export function route<In extends Inputs>(
  at: `${Route['method']} /${string}`,
  spec: In & { allow: Allow },
  handle: (request: Parsed<In> & RequestContext) => Promise<Reply>,
): Route {
  const { allow, ...inputs }: Inputs & { allow: Allow } = spec
  const [method, path] = AtRoute.parse(at.split(' '))
  return {
    method,
    path,
    allow,
    inputs,
    // The inputs were parsed by the very schemas that gave `Parsed<In>`.
    handle: async (parsed, { caller, ...context }) => {
      if (caller === undefined) throw new Error(`${at} was called for nobody`)
      return handle({ ...(parsed as Parsed<In>), ...context, caller })
    },
  }
}

/** A route that asks for no credential, such as signing in. */
export function openRoute<In extends Inputs>(
  at: `${Route['method']} /${string}`,
  inputs: In,
  handle: (request: Parsed<In> & OpenContext) => Promise<Reply>,
): Route {
  const [method, path] = AtRoute.parse(at.split(' '))
  const call: Route['handle'] = (parsed, context) => handle({ ...(parsed as Parsed<In>), ...context })
  return { method, path, allow: 'anyone', inputs, handle: call }
}

/** Who a request speaks for, by its Authorization header, or by what else the request carries. */
export type Authenticate = (
  authorization: string | undefined,
  request: { path: string; ticket: string | undefined },
) => Caller | Refusal | Promise<Caller | Refusal>

export type HttpOptions = {
  host: string
  port: number
  routes: readonly Route[]
  authenticate: Authenticate
  health: Health
  log: Log
  /** Runs before all else, the health pages and `/metrics` too: for whom is turned away whatever he asks. */
  guards?: readonly express.RequestHandler[]
  /** Runs before the routes, after the health pages, which answer under load too; for what concerns every other request. */
  before?: readonly express.RequestHandler[]
  /** Who may read `/metrics`, by address; to others it is not there. Left out: everybody. */
  mayReadMetrics?: (address: string) => boolean
  /** Entity tags on what has none yet, and 304 where the reader has it. */
  etags?: boolean
  /** Addresses and networks (`10.0.0.0/8`) of proxies that are trusted to say where a request came from; of nobody else `X-Forwarded-For` counts. */
  trustedProxies?: readonly string[]
  /** Sees each connection before anything is read from it, and may end it. */
  onConnection?: (socket: Socket) => void
  /** Whether an error says that the database was away or busy: answered by 503, and asking again may help. */
  isOutage?: (error: unknown) => boolean
  /** Shorter ones for tests, real milliseconds. */
  times?: StreamTimes
}

export type HttpServer = { port: number; close(): Promise<void> }

/** How long the caller still waits, in real milliseconds: nobody works for one that has given up. */
const DeadlineHeader = z.coerce.number().min(0).max(requestMsMax)
const CorrelationHeader = z.string().regex(/^[\w-]{1,64}$/)
const isRefusal = (value: Caller | Refusal): value is Refusal => 'code' in value

/** Sends a reply that is no stream. `instance` names the request. */
export function send(response: express.Response, reply: Reply, instance: string): void {
  if (reply.kind === 'problem') {
    const document = problemDocument(reply.refusal, instance)
    response.set(reply.headers).status(document.status).type('application/problem+json').send(JSON.stringify(document))
    return
  }
  if (reply.kind === 'json') {
    response.set(reply.headers).status(reply.status).json(reply.body)
  }
}

/** body-parser's errors carry a `type`; nothing else about them is relied on. */
function bodyRefusal(error: unknown): Refusal | null {
  const parsed = z.object({ type: z.string(), length: z.number().optional(), message: z.string() }).safeParse(error)
  if (!parsed.success) return null
  switch (parsed.data.type) {
    case 'entity.too.large':
      return { code: 'request.too-large', field: '', limit: bodyBytesMax, value: parsed.data.length ?? null }
    case 'entity.parse.failed':
      return { code: 'request.malformed', field: '', limit: 'valid JSON', value: parsed.data.message }
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return { code: 'request.media-type', field: '', limit: 'application/json in UTF-8', value: parsed.data.message }
    case 'request.aborted':
    case 'request.size.invalid':
      return { code: 'request.malformed', field: '', limit: 'a whole body', value: parsed.data.message }
    default:
      return null
  }
}

type ParsedInputs = { ok: true; values: Record<string, unknown> } | { ok: false; refusal: Refusal }

function parseInputs(inputs: Inputs, request: express.Request): ParsedInputs {
  const values: Record<string, unknown> = {}
  for (const [name, schema] of Object.entries(inputs)) {
    const input: unknown = Reflect.get(request, name)
    // Made a number, no text would pass for 0.
    const empty = name === 'query' ? Object.entries(request.query).find(([, value]) => value === '') : undefined
    if (empty)
      return { ok: false, refusal: { code: 'request.invalid', field: `/${empty[0]}`, limit: 'a value', value: '' } }
    const result = schema.safeParse(input)
    if (!result.success) return { ok: false, refusal: invalidInput(result.error, input) }
    values[name] = result.data
  }
  return { ok: true, values }
}

/** Said to whoever works for a request that is over. Made once: an error of its own for each request costs as much as its routing. */
const gone = new Error('nobody waits for this request any more')

async function answer(options: HttpOptions, one: Route, request: express.Request, response: express.Response) {
  const correlationId = response.get('x-correlation-id') ?? randomUUID()
  const left = new AbortController()
  response.once('close', () => left.abort(gone))
  const refuse = (refusal: Refusal) => send(response, problem(refusal), request.path)

  const caller = await callerOf(options, one, request)
  if (caller !== undefined && isRefusal(caller)) return refuse(caller)
  const waitsMs = DeadlineHeader.safeParse(request.get('x-deadline-ms')).data
  const dueMs = performance.now() + (waitsMs ?? Number.POSITIVE_INFINITY)
  if (waitsMs !== undefined) {
    const timer = setTimeout(() => left.abort(gone), waitsMs)
    response.once('close', () => clearTimeout(timer))
  }
  if (one.inputs.body && !request.is('application/json')) {
    return refuse({
      code: 'request.media-type',
      field: 'Content-Type',
      limit: 'application/json',
      value: request.get('content-type') ?? null,
    })
  }
  const failure = await new Promise<unknown>((resolve) =>
    express.json({ limit: bodyBytesMax })(request, response, resolve),
  )
  if (failure !== undefined) {
    const refusal = bodyRefusal(failure)
    if (refusal === null) throw failure
    return refuse(refusal)
  }
  const parsed = parseInputs(one.inputs, request)
  if (!parsed.ok) return refuse(parsed.refusal)
  // A caller that waits no longer gets no work done: the body may have taken all the time there was.
  if (left.signal.aborted || performance.now() >= dueMs) {
    return refuse({ code: 'service.timeout', field: 'X-Deadline-Ms', value: waitsMs ?? null })
  }
  const reply = await one.handle(parsed.values, {
    ...(caller === undefined ? {} : { caller }),
    correlationId,
    header: (name) => request.get(name),
    address: request.ip ?? '',
    signal: left.signal,
  })
  if (reply.kind === 'events') {
    const { times = streamTimes, log } = options
    return sendStream(response, reply.events(left.signal), { signal: left.signal, times, log })
  }
  return send(response, reply, request.path)
}

async function callerOf(
  { authenticate }: HttpOptions,
  { allow }: Route,
  request: express.Request,
): Promise<Caller | Refusal | undefined> {
  if (allow === 'anyone') return undefined
  const { ticket } = request.query
  const carried = { path: request.path, ticket: typeof ticket === 'string' ? ticket : undefined }
  const caller = await authenticate(request.get('authorization'), carried)
  if (isRefusal(caller) || allow.includes(caller.role)) return caller
  return { code: 'auth.forbidden', field: 'role', limit: allow.join(' | '), value: caller.role }
}

/** Serves `routes`, `/health/live`, `/health/ready` and `/metrics`. Port 0 takes a free one, named in the answer. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const app = express()
  app.disable('x-powered-by')
  // One spelling a path: what looks at paths before the routes do (limits, detectors) must see the same ones.
  app.enable('case sensitive routing')
  app.enable('strict routing')
  app.set('etag', options.etags === true ? 'weak' : false)
  app.set('trust proxy', [...(options.trustedProxies ?? [])])
  app.use((request, response, next) => {
    // Every answer has one, refusals of the first middleware too.
    response.set('x-correlation-id', CorrelationHeader.catch(() => randomUUID()).parse(request.get('x-correlation-id')))
    // fetch adds `Cache-Control: no-cache` to a conditional request, which Express takes for a wish to have it all again.
    // That is for caches on the way: the origin answers the condition (RFC 9110, 13.1.2).
    if (request.headers['if-none-match'] !== undefined) request.headers['cache-control'] = undefined
    next()
  })
  for (const guard of options.guards ?? []) app.use(guard)
  app.get('/health/live', (_request, response) => void response.json({ status: 'live' }))
  app.get('/health/ready', (_request, response) => {
    const found = options.health.problems()
    response
      .status(found.length === 0 ? 200 : 503)
      .json({ status: found.length === 0 ? 'ready' : 'not ready', problems: found })
  })
  app.get('/metrics', async (request, response, next) => {
    if (options.mayReadMetrics?.(request.ip ?? '') === false) return next()
    response.type(metricsRegistry().contentType).send(await metricsRegistry().metrics())
  })
  for (const handler of options.before ?? []) app.use(handler)
  for (const one of options.routes) {
    const handler: express.RequestHandler = (request, response) => answer(options, one, request, response)
    switch (one.method) {
      case 'GET':
        app.get(one.path, handler)
        break
      case 'POST':
        app.post(one.path, handler)
        break
      case 'DELETE':
        app.delete(one.path, handler)
        break
    }
  }
  for (const path of new Set(options.routes.map(({ path }) => path))) {
    const methods = options.routes.filter((one) => one.path === path).map(({ method }) => method)
    const limit = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ')
    app.all(path, (request, response) => {
      const refusal: Refusal = { code: 'method.not-allowed', field: 'method', value: request.method, limit }
      send(response, problem(refusal, { allow: limit }), request.path)
    })
  }
  app.use((request, response) => send(response, problem({ code: 'route.unknown', value: request.path }), request.path))
  const onError: express.ErrorRequestHandler = (error, request, response, _next) => {
    if (error instanceof URIError) {
      const refusal: Refusal = { code: 'request.malformed', field: '', limit: 'a path in UTF-8', value: request.path }
      return send(response, problem(refusal), request.path)
    }
    const traceId = response.get('x-correlation-id') ?? randomUUID()
    if (options.isOutage?.(error) === true && !response.headersSent) {
      options.log.warn({ err: error, path: request.path, correlationId: traceId }, 'request met an outage')
      const refusal: Refusal = { code: 'service.unavailable', field: 'service', value: 'database' }
      return send(response, problem(refusal, { 'retry-after': `${outageRetryS}` }), request.path)
    }
    options.log.error(
      { err: error, method: request.method, path: request.path, correlationId: traceId },
      'request failed',
    )
    if (response.headersSent) return void response.destroy() // Half an answer must not look like a whole one.
    send(response, problem({ code: 'internal', facts: { traceId } }), request.path)
  }
  app.use(onError)

  const bounds = { maxHeaderSize: headerBytesMax, requestTimeout: requestMsMax, headersTimeout: headersMsMax }
  const server = createServer({ ...bounds, connectionsCheckingInterval: 2_000 }, app)
  server.maxConnections = connectionsMax
  server.timeout = (options.times ?? streamTimes).stalledMsMax
  if (options.onConnection !== undefined) server.on('connection', options.onConnection)
  server.listen(options.port, options.host)
  await once(server, 'listening')
  return { port: boundPort(server), close: () => closeServer(server) }
}

function boundPort(server: Server): number {
  return z.object({ port: z.number() }).parse(server.address()).port
}

/** Lets requests in hand finish; idle keep-alive connections and streams are cut, since they never would. */
async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeIdleConnections()
  setTimeout(() => server.closeAllConnections(), 2_000).unref()
  await closed
}
