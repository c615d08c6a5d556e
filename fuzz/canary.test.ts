import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { readApi } from './document.ts'
import { fuzz } from './fuzz.ts'

const problem = { description: 'No.', content: { 'application/problem+json': { schema: { type: 'object' } } } }
const parameter = { name: 'n', in: 'path', required: true, schema: { type: 'integer', minimum: 0, maximum: 1_000 } }
const reply = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }
const operation = (operationId: string) => ({
  operationId,
  parameters: [parameter],
  security: [],
  responses: { 200: { description: 'Yes.', content: { 'application/json': { schema: reply } } }, 400: problem },
})
const body = { type: 'object', properties: { on: { type: 'boolean' } }, required: ['on'], additionalProperties: false }
const api = readApi({
  openapi: '3.1.1',
  paths: {
    '/sound/{n}': { get: operation('sound') },
    '/breaks/{n}': { get: operation('breaks') },
    '/undocumented/{n}': { get: operation('undocumented') },
    '/lies/{n}': { get: operation('lies') },
    '/chatty/{n}': { get: operation('chatty') },
    '/lax': {
      post: { ...operation('lax'), parameters: [], requestBody: { content: { 'application/json': { schema: body } } } },
    },
  },
})

/** Sound in all but the one fault that its path names, which shows in few of its answers. */
function answer(path: string): { status: number; body: unknown } {
  const [, kind, text = '0'] = path.split('/')
  const n = Number(text)
  if (kind !== 'lax' && (!Number.isInteger(n) || n < 0 || n > 1_000)) return { status: 400, body: {} }
  if (kind === 'breaks' && n > 900) return { status: 500, body: {} }
  if (kind === 'undocumented' && n > 900) return { status: 418, body: {} }
  if (kind === 'lies' && n > 900) return { status: 200, body: { n: `${n}` } }
  if (kind === 'chatty' && n > 900) return { status: 200, body: { n, secret: 1 } }
  return { status: 200, body: { n } }
}

let server: Server
let gateway: string
beforeAll(async () => {
  server = createServer((request, response) => {
    const { status, body } = answer(decodeURIComponent(request.url ?? ''))
    const type = status < 400 ? 'application/json' : 'application/problem+json'
    request.resume().once('end', () => response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  gateway = `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

describe('the fuzzer', () => {
  it('finds each planted fault, and nothing where there is none', async () => {
    const nobody = async () => ''
    const { findings } = await fuzz({
      api,
      gateway,
      credentials: { customer: nobody, operator: nobody },
      cases: 100,
      seed: 7,
    })

    expect(Object.fromEntries(findings.map(({ at, because }) => [at, because]))).toEqual({
      'GET /breaks/{n}': expect.stringContaining('status 500'),
      'GET /undocumented/{n}': expect.stringContaining('status 418 is not documented'),
      'GET /lies/{n}': expect.stringContaining('/n must be integer'),
      'GET /chatty/{n}': expect.stringContaining('must NOT have additional properties'),
      'POST /lax': expect.stringContaining('let in'),
    })
  })

  it('shrinks a fault to its edge', async () => {
    const nobody = async () => ''
    const only = ({ id }: { id: string }) => id === 'breaks'
    const { findings } = await fuzz({
      api,
      gateway,
      credentials: { customer: nobody, operator: nobody },
      cases: 200,
      seed: 7,
      only,
    })

    expect(findings[0]?.request).toMatch(/GET \/breaks\/(901|1000)/)
  })
})
