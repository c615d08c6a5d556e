/** One request of the walk, and a part of it. */
export type Step = {
  /** The operationId of the API's document. */
  id: string
  at: `${'GET' | 'POST' | 'DELETE'} /${string}`
  as?: 'customer' | 'operator'
  body?: unknown
  headers?: Record<string, string>
  expect: number
  /** What must stand in the reply, and what it must be where that is known; `*` for anything. */
  has?: Record<string, unknown>
  /** Variables that later steps use, by the path of what they keep in the reply. */
  keep?: Record<string, string>
  /** Asked again, at most so often with a second between, until `has` holds. */
  triesMax?: number
}
export type Chapter = { name: string; steps: readonly Step[] }

/** A fresh key for each request. */
export const key = { 'Idempotency-Key': '{{$guid}}' }
export const note = { note: 'Postman walks by' }
export const refused = (code: string) => ({ code, type: `urn:drone-delivery:problem:${code}`, title: '*' })
