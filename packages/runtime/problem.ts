/** Refusals as RFC 9457 problem documents: the code, the field, the limit and the value. */
import { problems, type Refusal } from '@fleet/contracts/problems'
import type { ProblemReply } from '@fleet/contracts/rest'
import type { z } from 'zod'

/** Long values are cut: a problem document must not mirror a megabyte. */
const valueCharsMax = 200

function shown(value: unknown): unknown {
  if (value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean') return value
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
  if (text.length > valueCharsMax) return `${text.slice(0, valueCharsMax)}… (${text.length} characters)`
  return typeof value === 'string' ? value : JSON.parse(text)
}

/** The document for `refusal`; `instance` names the request. */
export function problemDocument(refusal: Refusal, instance: string): ProblemReply {
  const { status, title } = problems[refusal.code]
  return {
    type: `urn:drone-delivery:problem:${refusal.code}`,
    title,
    status,
    ...(refusal.detail === undefined ? {} : { detail: refusal.detail }),
    instance,
    code: refusal.code,
    ...(refusal.field === undefined ? {} : { field: refusal.field }),
    ...(refusal.limit === undefined ? {} : { limit: refusal.limit }),
    ...('value' in refusal ? { value: shown(refusal.value) } : {}),
    ...refusal.facts,
  }
}

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), input)

const pointer = (path: readonly PropertyKey[]) => path.map((key) => `/${String(key)}`).join('')

function fault(issue: z.core.$ZodIssue, input: unknown): Omit<Refusal, 'code'> {
  const at = { field: pointer(issue.path), value: valueAt(input, issue.path), detail: issue.message }
  switch (issue.code) {
    case 'too_big':
      return { ...at, limit: `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}` }
    case 'too_small':
      return { ...at, limit: `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}` }
    case 'invalid_type':
      return { ...at, limit: issue.expected }
    case 'unrecognized_keys':
      return {
        detail: issue.message,
        field: pointer([...issue.path, issue.keys[0] ?? '']),
        value: valueAt(input, [...issue.path, issue.keys[0] ?? '']) ?? null,
        limit: 'no such field',
      }
    case 'invalid_format':
      return { ...at, limit: issue.pattern ?? issue.format }
    case 'invalid_value':
      return { ...at, limit: issue.values.map(String).join(' | ') }
    default:
      return { ...at, limit: issue.message }
  }
}

/** What zod found wrong with `input`, as one refusal: the first fault in its fields, all of them under `errors`. */
export function invalidInput(error: z.ZodError, input: unknown): Refusal {
  const faults = error.issues.map((issue) => fault(issue, input))
  const errors = faults.slice(0, 20).map((each) => ({ ...each, value: shown(each.value) }))
  return { code: 'request.invalid', ...faults[0], facts: { errors } }
}
