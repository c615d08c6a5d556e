/**
 * The fuzzer: reads the API's document and nothing else, makes requests of it that are as it says and such as are not, and
 * judges each answer: no 5xx, no status that is not documented, no body that breaks its schema; and what the document
 * allows is not refused as invalid, what it forbids is not let in.
 */
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { z } from 'zod'
import { createPool, invalid, type Pool, valid } from './arbitraries.ts'
import { type Asked, ask, type Heard } from './ask.ts'
import { type Api, type Operation, type Parameter, parsed } from './document.ts'
import type { Credentials } from './recorder.ts'
import { someAtOnce } from './some-at-once.ts'

export type Finding = { at: string; because: string; request: string }
export type FuzzReport = {
  findings: Finding[]
  /** By operation and status. */
  counts: Record<string, Record<number, number>>
  cases: number
}
export type FuzzOptions = {
  api: Api
  gateway: string
  credentials: Credentials
  /** How many cases each operation gets. */
  cases: number
  seed: number
  /** How many operations are tried at once. */
  atOnce?: number
  /** Real milliseconds for one operation; what is left then is not tried, and the report says how many were. */
  operationMsMax?: number
  only?: (operation: Operation) => boolean
  /** Hears each operation that is done, and how often it answered by each status. */
  tried?: (at: string, counts: Readonly<Record<number, number>>) => void
}

type Case = {
  kind: 'valid' | 'invalid' | 'stranger'
  how: string
  path: Record<string, unknown>
  query: Record<string, unknown>
  headers: Record<string, unknown>
  body?: unknown
  /** In place of the JSON text of `body`. */
  text?: string
  caller: 'right' | 'none' | 'garbage'
}

const retryAfterMsMax = 5_000

/** A request by every parameter of the operation, `spoiled` in one place or in none. */
function cases(api: Api, operation: Operation, pool: Pool): fc.Arbitrary<Case> {
  const { parameters, body } = operation
  const group = (where: Parameter['in']) => {
    const all = parameters.filter((parameter) => parameter.in === where)
    const values = all.map(({ name, schema }) => [name, valid(api, schema, pool, name)] as const)
    const requiredKeys = all.filter(({ required }) => required).map(({ name }) => name)
    return fc.record(Object.fromEntries(values), { requiredKeys })
  }
  const parts = { path: group('path'), query: group('query'), headers: group('header') }
  const right: fc.Arbitrary<Case> = fc
    .record({ ...parts, ...(body === undefined ? {} : { body: valid(api, body, pool) }) })
    .map((made) => ({ kind: 'valid', how: 'as documented', caller: 'right', ...made }))
  const spoilt: fc.Arbitrary<Case>[] = []
  for (const { name, schema, in: where } of parameters) {
    // A header that is looked at, such as If-None-Match, is any text.
    const bad = where === 'header' ? null : invalid(api, schema, pool, true)
    if (bad === null) continue
    const key = where === 'path' ? 'path' : 'query'
    spoilt.push(
      fc
        .tuple(right, bad)
        // A path of dots and slashes alone is another path.
        .filter(([, { value }]) => where !== 'path' || /[^./]/.test(String(value)))
        .map(([made, { value, how }]) => ({
          ...made,
          kind: 'invalid',
          how: `${name} ${how}`,
          [key]: { ...made[key], [name]: value },
        })),
    )
  }
  for (const { name } of parameters.filter((each) => each.in === 'header' && each.required)) {
    spoilt.push(
      right.map(({ headers: { [name]: _, ...headers }, ...made }) => ({
        ...made,
        kind: 'invalid',
        how: `no ${name}`,
        headers,
      })),
    )
  }
  if (body !== undefined) {
    const bad = invalid(api, body, pool)
    if (bad !== null) {
      spoilt.push(
        fc.tuple(right, bad).map(([made, { value, how }]) => ({ ...made, kind: 'invalid', how, body: value })),
      )
    }
    // No text is an object without fields, where none is due.
    const nothing = isWithoutFields(api, body) ? [] : ['']
    const broken = fc.constantFrom(...nothing, '{', '[1,', 'null', '"text"', '{"a":}', '\u0000', '[]')
    spoilt.push(
      fc.tuple(right, broken).map(([made, text]) => ({ ...made, kind: 'invalid', how: 'no such body', text })),
    )
  }
  const stranger: fc.Arbitrary<Case>[] =
    operation.security.length === 0
      ? []
      : [
          fc.tuple(right, fc.constantFrom('none' as const, 'garbage' as const)).map(([made, caller]) => {
            return { ...made, kind: 'stranger', how: `credential: ${caller}`, caller }
          }),
        ]
  return fc.oneof(
    { weight: 5, arbitrary: right },
    ...spoilt.map((arbitrary) => ({ weight: Math.max(1, Math.round(4 / spoilt.length)), arbitrary })),
    ...stranger.map((arbitrary) => ({ weight: 1, arbitrary })),
  )
}

function isWithoutFields(api: Api, body: NonNullable<Operation['body']>): boolean {
  const { properties = {} } = z
    .object({ properties: z.record(z.string(), z.unknown()).optional() })
    .parse(api.resolved(body))
  return Object.keys(properties).length === 0
}

/** Header values are what a header may carry; the rest is the server's to judge. */
const headerText = (value: unknown) =>
  String(value)
    .replace(/[^\x21-\x7e ]/g, '_')
    .trim()

async function toRequest(operation: Operation, made: Case, credentials: Credentials): Promise<Asked> {
  const { path, query, headers, body, text, caller } = made
  const filled = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(path[name])))
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString()
  const role = operation.security.includes('customerToken') ? 'customer' : 'operator'
  const sent = text ?? (body === undefined ? undefined : JSON.stringify(body))
  return {
    method: operation.method,
    path: search === '' ? filled : `${filled}?${search}`,
    headers: {
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, headerText(value)])),
      ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
      ...(operation.security.length === 0 || caller === 'none'
        ? {}
        : { authorization: caller === 'right' ? await credentials[role]() : 'Bearer x.y.z' }),
    },
    ...(sent === undefined ? {} : { body: sent }),
  }
}

/** Rules that a schema cannot say stand beside it; a request that keeps the schema may still break those. */
const hasFurtherRules = ({ parameters }: Operation, { query }: Case) =>
  parameters.some(({ name, schema }) => 'x-further-rule' in schema && name in query)

function judge(api: Api, operation: Operation, made: Case, heard: Heard): string | null {
  const { status, text } = heard
  if (status >= 500) return `status ${status}: ${text.slice(0, 300)}`
  const [fault] = [
    ...api.faults(operation, heard),
    ...heard.events.flatMap((event) => api.eventFaults(operation, event)),
  ]
  if (fault !== undefined) return fault
  if (status === 429) return null // A limit comes before all else.
  const invalidInput = status >= 400 && text.includes('"request.invalid"')
  if (made.kind === 'valid' && invalidInput && !hasFurtherRules(operation, made))
    return `refused as invalid: ${text.slice(0, 300)}`
  if (made.kind === 'invalid' && status < 400) return `let in, though ${made.how}: ${status}`
  if (made.kind === 'stranger' && status !== 401) return `a stranger (${made.how}) was answered ${status}`
  return null
}

/** A limit, or a machine that had too much to do for a moment: what does not pass is found at the second try. */
const isPassing = ({ status }: Heard) => [429, 503, 504].includes(status)

const isReading = ({ method }: Operation) => method === 'GET'
const isForCallers = (operation: Operation) => !isReading(operation) && operation.security.length > 0
const isOpen = (operation: Operation) => !isReading(operation) && operation.security.length === 0

/** Another address of this machine for each of `n`, so that no limit of one address is met. */
const loopback = (n: number) => `127.1.${(n >> 8) & 255}.${n & 255}`

/** Tries every operation with `cases` requests; a finding is shrunk to a small one by fast-check. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { api, gateway, credentials, seed, atOnce = 8, operationMsMax = 900_000, only = () => true } = options
  const pool = createPool()
  const report: FuzzReport = { findings: [], counts: {}, cases: 0 }

  const tryOne = async (operation: Operation) => {
    let last = ''
    const counts: Record<number, number> = {}
    report.counts[operation.at] = counts
    const property = fc.asyncProperty(cases(api, operation, pool), async (made) => {
      const asked = {
        ...(await toRequest(operation, made, credentials)),
        ...(isOpen(operation) ? { from: loopback(report.cases) } : {}),
      }
      let heard = await ask(gateway, asked)
      const retryAfterMs = Number(heard.headers['retry-after'] ?? 1) * 1_000
      if (isPassing(heard) && retryAfterMs <= retryAfterMsMax) {
        await pause(retryAfterMs)
        heard = await ask(gateway, asked)
      }
      report.cases += 1
      counts[heard.status] = (counts[heard.status] ?? 0) + 1
      if (heard.status < 300) pool.learn(parsed(heard.text)?.value)
      const because = judge(api, operation, made, heard)
      if (because === null) return
      last = `${made.kind}, ${made.how}: ${asked.method} ${asked.path} ${asked.body ?? ''}`.slice(0, 600)
      throw new Error(because)
    })
    const result = await fc.check(property, {
      seed,
      numRuns: options.cases,
      interruptAfterTimeLimit: operationMsMax,
      markInterruptAsFailure: false,
    })
    options.tried?.(operation.at, counts)
    if (!result.failed) return
    const because =
      result.errorInstance instanceof Object && 'message' in result.errorInstance
        ? String(result.errorInstance.message)
        : 'unknown'
    report.findings.push({ at: operation.at, because, request: last })
  }

  // Readings first: they fill the pool with what there is to ask for. Signing in last and alone: who fails there too often is
  // turned away, and we are of the same address until then.
  const phases = [isReading, isForCallers, isOpen]
  for (const ofPhase of phases) {
    const operations = api.operations.filter((operation) => only(operation) && ofPhase(operation))
    await someAtOnce(operations, atOnce, tryOne)
  }
  return report
}
