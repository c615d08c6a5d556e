import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { walk } from './walk.ts'

const Document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.object({ operationId: z.string() }))) })
const { paths } = Document.parse(JSON.parse(readFileSync('docs/openapi.json', 'utf8')))
const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, { operationId }]) => ({ id: operationId, at: `${method.toUpperCase()} ${path}` })),
)
/** `GET /v1/orders/{{orderId}}?limit=5` and `GET /v1/orders/ord_nobody` both as `GET /v1/orders/*`. */
const shapeOf = (at: string, template: string) => {
  const parts = template.split('/')
  const [path = ''] = at.split('?')
  return path
    .split('/')
    .map((part, index) => (parts[index]?.startsWith('{') === true ? parts[index] : part))
    .join('/')
}

describe('the walk through the API', () => {
  const steps = walk.flatMap(({ steps }) => steps)

  it('passes every operation of the document', () => {
    const walked = new Set(steps.map(({ id }) => id))

    expect(operations.map(({ id }) => id).filter((id) => !walked.has(id))).toEqual([])
  })

  it('goes to the address that the document gives each operation', () => {
    for (const { id, at } of steps) {
      const template = operations.find((one) => one.id === id)?.at ?? ''
      expect(shapeOf(at, template)).toBe(template)
    }
  })
})
