import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { silentLog } from '@fleet/runtime/log'
import { afterEach, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { operator } from './dev-key.ts'
import { createDownstream } from './downstream.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})
async function serving(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${z.object({ port: z.number() }).parse(server.address()).port}`
}
const service = (url: string) =>
  createDownstream({ name: 'order', url, timeoutMs: 200, tokens: () => 'signed', log: silentLog() })
const ask = (signal = new AbortController().signal) =>
  ({ method: 'GET', path: '/v1/orders', caller: operator, correlationId: 'c-1', signal }) as const

describe('a service behind the gateway', () => {
  it("gets the caller's token and correlation id, and its answer is handed on with status and headers", async () => {
    const heard: Record<string, unknown> = {}
    const url = await serving(({ headers }, response) => {
      Object.assign(heard, headers)
      response.writeHead(404, { 'content-type': 'application/problem+json', etag: '"1"', 'x-inner': 'secret' })
      response.end('{"code":"order.unknown"}')
    })

    const reply = await service(url).forward(ask())

    expect(heard).toMatchObject({ authorization: 'Bearer signed', 'x-correlation-id': 'c-1' })
    expect(reply).toEqual({
      kind: 'json',
      status: 404,
      headers: { 'content-type': 'application/problem+json', etag: '"1"' },
      body: { code: 'order.unknown' },
    })
  })

  it('that is dead is a 503 that names it', async () => {
    const url = await serving(() => undefined)
    servers[0]?.close()

    expect(await service(url).forward(ask())).toMatchObject({
      refusal: { code: 'service.unavailable', value: 'order' },
      headers: { 'retry-after': '1' },
    })
  })

  it('that hangs is a 504 within the bound', async () => {
    const url = await serving(() => undefined)

    expect(await service(url).forward(ask())).toMatchObject({
      refusal: { code: 'service.timeout', value: 'order', limit: '200 ms' },
    })
  })

  it('that hangs in the middle of its answer is a 504 too', async () => {
    const url = await serving((_request, response) => void response.writeHead(200).write('{"items":['))

    expect(await service(url).forward(ask())).toMatchObject({ refusal: { code: 'service.timeout' } })
  })

  it('that answers nonsense is a 503', async () => {
    const url = await serving((_request, response) => void response.end('<html>'))

    expect(await service(url).forward(ask())).toMatchObject({ refusal: { code: 'service.unavailable' } })
  })

  it('is not asked any longer for a caller that has left', async () => {
    const left = new AbortController()
    const gone = new Promise((resolve) => {
      void serving(({ socket }) => {
        socket.once('close', resolve)
        left.abort()
      }).then((url) => service(url).forward(ask(left.signal)))
    })

    await gone
  })
})
