/** Values made of JSON Schema, as far as the API's document uses it: such as a schema allows, and such as it does not. */
import fc from 'fast-check'
import { z } from 'zod'
import type { Api, Json } from './document.ts'

/** What was seen in earlier answers: ids to ask for, and numbers near to what matters. Bounded. */
export type Pool = {
  learn(value: unknown): void
  /** Strings that were seen and match the pattern. */
  matching(pattern: string): readonly string[]
  /** Numbers that stood under this name. */
  numbers(name: string): readonly number[]
}

const poolMax = 200
const idLike = /^[a-z]{3}_[0-9A-Za-z]{1,40}$|^[\w-]{43}$/

export function createPool(): Pool {
  const strings = new Set<string>()
  const byName = new Map<string, Set<number>>()
  const keep = <T>(set: Set<T>, value: T) => {
    set.delete(value)
    set.add(value)
    const [oldest] = set
    if (set.size > poolMax && oldest !== undefined) set.delete(oldest)
  }
  const learn = (value: unknown, name = ''): void => {
    if (typeof value === 'string' && idLike.test(value)) keep(strings, value)
    else if (typeof value === 'number') {
      const numbers = byName.get(name) ?? new Set()
      if (byName.size < poolMax) byName.set(name, numbers)
      keep(numbers, value)
    } else if (Array.isArray(value)) for (const each of value.slice(-20)) learn(each, name)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inside] of Object.entries(value)) learn(inside, key)
    }
  }
  return {
    learn: (value) => learn(value),
    matching: (pattern) => [...strings].filter((each) => new RegExp(pattern).test(each)),
    numbers: (name) => [...(byName.get(name) ?? [])],
  }
}

const Bounds = z.object({
  type: z.string().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  anyOf: z.array(z.record(z.string(), z.unknown())).optional(),
  format: z.string().optional(),
  pattern: z.string().optional(),
  minLength: z.number().default(0),
  maxLength: z.number().default(100),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  minItems: z.number().default(0),
  maxItems: z.number().default(5),
  items: z.record(z.string(), z.unknown()).optional(),
  properties: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  required: z.array(z.string()).default([]),
})
type Bounds = z.output<typeof Bounds>

/** Addresses of documentation (RFC 5737, 3849): no fuzzer denies anybody who is there. */
const addresses: Record<string, string[]> = {
  ipv4: ['192.0.2.1', '192.0.2.254', '198.51.100.7', '203.0.113.9'],
  ipv6: ['2001:db8::1', '2001:DB8:0:0:0:0:0:2', '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff'],
}
/** Long lists are rare: they cost the server and teach little. */
const itemsSeldom = 8

/** A value that `schema` allows. `name` is where it stands, for numbers that were seen there before. */
export function valid(api: Api, schema: Json, pool: Pool, name = ''): fc.Arbitrary<unknown> {
  const bounds = Bounds.parse(api.resolved(schema))
  if (bounds.enum !== undefined) return fc.constantFrom(...bounds.enum)
  if (bounds.const !== undefined) return fc.constant(bounds.const)
  if (bounds.anyOf !== undefined) return fc.oneof(...bounds.anyOf.map((one) => valid(api, one, pool, name)))
  switch (bounds.type) {
    case 'string':
      return validText(bounds, pool)
    case 'integer':
    case 'number':
      return validNumber(bounds, bounds.type, pool, name)
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array': {
      const { items = {}, minItems, maxItems } = bounds
      const few = { minLength: minItems, maxLength: Math.min(maxItems, Math.max(itemsSeldom, minItems)) }
      return fc.array(valid(api, items, pool, name), few)
    }
    case 'object': {
      const { properties, required } = bounds
      const entries = Object.entries(properties).map(([key, one]) => [key, valid(api, one, pool, key)] as const)
      return fc.record(Object.fromEntries(entries), { requiredKeys: required.filter((key) => key in properties) })
    }
    default:
      return fc.jsonValue({ maxDepth: 2 })
  }
}

function validText({ format = '', pattern, minLength, maxLength }: Bounds, pool: Pool): fc.Arbitrary<string> {
  const known = addresses[format]
  if (known !== undefined) return fc.constantFrom(...known)
  // The schema counts characters, and the server their UTF-16 units: what fits both is allowed by both.
  const fits = (text: string) => text.length <= maxLength && [...text].length >= minLength
  if (pattern === undefined) return fc.string({ minLength, maxLength, unit: 'grapheme' }).filter(fits)
  if (pattern === '\\S') {
    return fc.string({ minLength, maxLength, unit: 'grapheme' }).filter((text) => /\S/.test(text) && fits(text))
  }
  const made = fc.stringMatching(new RegExp(pattern)).filter(fits)
  return fc.oneof({ weight: 3, arbitrary: seen(() => pool.matching(pattern), made) }, { weight: 1, arbitrary: made })
}

function validNumber(bounds: Bounds, type: string, pool: Pool, name: string): fc.Arbitrary<number> {
  const min = bounds.minimum ?? -1e9
  const max = bounds.maximum ?? (bounds.exclusiveMaximum === undefined ? 1e9 : bounds.exclusiveMaximum - 1e-9)
  const made = type === 'integer' ? fc.integer({ min, max }) : fc.double({ min, max, noNaN: true })
  const near = () =>
    pool.numbers(name).filter((each) => each >= min && each <= max && (type === 'number' || Number.isInteger(each)))
  return fc.oneof(made, fc.constantFrom(min, max), seen(near, made))
}

/** One of what was seen so far; where nothing was, `otherwise`. Drawn when the case is made, so a seed alone does not fix it. */
const seen = <T>(all: () => readonly T[], otherwise: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.tuple(fc.nat(), otherwise).map(([index, made]) => all()[index % Math.max(1, all().length)] ?? made)

/** A value that `schema` refuses, with what is wrong with it; null where it takes anything. */
export function invalid(api: Api, schema: Json, pool: Pool): fc.Arbitrary<{ value: unknown; how: string }> | null {
  const bounds = Bounds.parse(api.resolved(schema))
  const wrong = (how: string, arbitrary: fc.Arbitrary<unknown>) => arbitrary.map((value) => ({ value, how }))
  const ways: fc.Arbitrary<{ value: unknown; how: string }>[] = []
  if (bounds.type !== undefined) {
    const others = [
      fc.constant(null),
      fc.constant(true),
      fc.constant(-1.5),
      fc.constant('?'),
      fc.constant([]),
      fc.constant({}),
    ]
    ways.push(
      wrong(
        'another type',
        fc.oneof(...others).filter((value) => !isOf(bounds.type ?? '', value)),
      ),
    )
  }
  if (bounds.enum !== undefined) ways.push(wrong('none of the words', fc.constantFrom('NONE', '')))
  if (bounds.pattern !== undefined) {
    const { pattern } = bounds
    const odd = fc.oneof(
      fc.constantFrom('', ' ', '\u0000', '../..', "' OR 1=1", '{"$gt":""}', '💥'),
      fc.string({ maxLength: 300 }),
    )
    ways.push(
      wrong(
        'not of the pattern',
        odd.filter((text) => !new RegExp(pattern).test(text)),
      ),
    )
  }
  if (bounds.type === 'string' && bounds.maxLength < 10_000 && bounds.pattern === '\\S') {
    ways.push(wrong('too long', fc.constant('x'.repeat(bounds.maxLength + 1))))
  }
  if (bounds.maximum !== undefined) ways.push(wrong('too large', fc.constantFrom(bounds.maximum + 1, 1e300)))
  if (bounds.minimum !== undefined) ways.push(wrong('too small', fc.constantFrom(bounds.minimum - 1, -1e300)))
  if (bounds.minItems > 0) ways.push(wrong('too few', fc.constant([])))
  for (const [name, one] of Object.entries(bounds.properties)) {
    const inside = invalid(api, one, pool)
    if (inside === null) continue
    const around = valid(api, schema, pool)
    ways.push(
      fc
        .tuple(around, inside)
        .map(([whole, { value, how }]) => ({ value: { ...Object(whole), [name]: value }, how: `/${name} ${how}` })),
    )
    if (bounds.required.includes(name)) {
      ways.push(
        around.map((whole) => {
          const { [name]: _, ...rest } = Object(whole)
          return { value: rest, how: `without /${name}` }
        }),
      )
    }
  }
  if (bounds.type === 'object') {
    const around = valid(api, schema, pool)
    ways.push(around.map((whole) => ({ value: { ...Object(whole), unknownField: 1 }, how: 'an unknown field' })))
  }
  return ways.length === 0 ? null : fc.oneof(...ways)
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'null') return value === null
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return typeof value === type
}
