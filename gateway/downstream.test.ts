import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, it } from '@jest/globals'
import { register } from 'prom-client'
import { z } from 'zod'
import type { BreakerChange } from './balancer.ts'
import type { Downstream } from './downstream.ts'
import type { BreakerLimits } from './instance.ts'
import { downstreamTo, listed, operator } from './testing/doubles.ts'

const servers: Server[] = []
const opened: Downstream[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
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
const changes: BreakerChange[] = []
function service(url: string | string[], limits: Partial<BreakerLimits> = {}, timeoutMs = 5_000): Downstream {
  const made = downstreamTo(listed(...[url].flat()), {
    timeoutMs,
    limits,
    onChange: (change) => void changes.push(change),
  })
  opened.push(made)
  return made
}
const post = { method: 'POST', path: '/v1/orders', caller: operator, correlationId: 'c-1' } as const
const soon = async (holds: () => boolean, ms = 5_000) => {
  const untilMs = performance.now() + ms
  while (!holds()) {
    if (performance.now() > untilMs) throw new Error('it did not come to hold')
    await wait(10)
  }
}
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

    expect(await service(url, {}, 200).forward(ask())).toMatchObject({
      refusal: { code: 'service.timeout', value: 'order', limit: '200 ms' },
    })
  })

  it('that hangs in the middle of its answer is a 504 too', async () => {
    const url = await serving((_request, response) => void response.writeHead(200).write('{"items":['))

    expect(await service(url, {}, 200).forward(ask())).toMatchObject({ refusal: { code: 'service.timeout' } })
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

describe('resilience', () => {
  const never = new AbortController().signal

  it('asks another instance where one fails, for what may be asked twice', async () => {
    const bad = await serving((_request, response) => void response.writeHead(500).end('{}'))
    const good = await serving((_request, response) => void response.end('{"from":"good"}'))
    const both = service([bad, good])

    const answers = await Promise.all(Array.from({ length: 10 }, () => both.ask(ask())))

    expect(answers.every((answer) => answer.ok && answer.status === 200)).toBe(true)
  })

  it('asks once for what may not be asked twice, and again with an Idempotency-Key', async () => {
    let asked = 0
    const url = await serving((_request, response) => {
      asked += 1
      response.writeHead(asked % 3 === 0 ? 201 : 503).end('{}')
    })

    const plain = await service(url).ask({ ...post, signal: never })
    const askedPlainly = asked
    const keyed = await service(url, {}, 2_000).ask({ ...post, signal: never, headers: { 'idempotency-key': 'k' } })

    expect([plain, askedPlainly]).toMatchObject([{ status: 503 }, 1])
    expect(keyed).toMatchObject({ ok: true, status: 201 })
  })

  it('opens the breaker of a dead instance, answers at once, and closes it once the instance lives', async () => {
    let dead = true
    let asked = 0
    const url = await serving((request, response) => {
      if (request.url === '/v1/orders') asked += 1
      if (dead) response.destroy()
      else response.end('{"status":"live"}')
    })
    const one = service(url, { callsMin: 4, probeAfterMs: 100 }, 2_000)
    changes.length = 0

    await one.ask(ask())
    const askedBefore = asked
    const refused = await one.ask(ask())
    const askedAfter = asked
    dead = false
    await soon(() => one.health().status === 'up')

    expect(refused).toMatchObject({ ok: false, refusal: { code: 'service.unavailable', value: 'order' } })
    expect(askedAfter).toBe(askedBefore)
    expect(await one.ask(ask())).toMatchObject({ ok: true, status: 200 })
    expect(changes.map(({ breaker }) => breaker).slice(0, 2)).toEqual(['open', 'half-open'])
    expect(changes.at(-1)).toMatchObject({ service: 'order', instance: url, breaker: 'closed' })
  })

  it('counts as down once the breakers of all its instances are open, and says so in health, metrics and events', async () => {
    changes.length = 0
    const dead = ['http://127.0.0.1:1', 'http://127.0.0.1:2']
    const alive = await serving((_request, response) => response.end('{}'))
    const discovery = listed(...dead, alive)
    const impaired = downstreamTo(discovery, {
      limits: { callsMin: 2, probeAfterMs: 60_000 },
      onChange: (change) => void changes.push(change),
    })
    opened.push(impaired)
    expect(impaired.health().status).toBe('up')

    await soon(() => {
      void impaired.ask(ask())
      return impaired.health().status === 'impaired' && changes.length === 2
    })
    discovery.set(...dead)

    expect(impaired.health()).toMatchObject({ status: 'down', instances: [{ breaker: 'open' }, { breaker: 'open' }] })
    expect(changes.map(({ instance, breaker }) => [instance, breaker]).toSorted()).toEqual(
      dead.map((url) => [url, 'open']),
    )
    const state = await register.getSingleMetric('gateway_breaker_state')?.get()
    const open = state?.values.filter(({ labels, value }) => dead.includes(String(labels.instance)) && value === 2)
    expect(open).toHaveLength(2)
  })

  it('does not hold a refusal of the service, or callers who leave, against it', async () => {
    const url = await serving(({ url: path }, response) => {
      if (path === '/v1/orders') response.writeHead(404).end('{}')
    })
    const one = service(url, { callsMin: 2 }, 2_000)

    for (let count = 0; count < 10; count += 1) await one.ask(ask())
    for (let count = 0; count < 10; count += 1) {
      const left = new AbortController()
      const asked = one.ask({ ...ask(left.signal), path: '/hangs' })
      left.abort()
      await asked
    }

    expect(one.health().status).toBe('up')
  })

  it('that hangs holds no more calls than its bulkhead, and refuses the rest at once without opening', async () => {
    const url = await serving(() => undefined)
    const one = service(url, { callsMax: 3, callsMin: 100 }, 1_000)

    const held = Array.from({ length: 3 }, () => one.ask({ ...post, signal: never }))
    await soon(() => one.health().instances[0]?.inFlight === 3)
    const refused = await one.ask({ ...post, signal: never })

    expect(refused).toMatchObject({ ok: false, refusal: { detail: expect.stringContaining('as much to do') } })
    expect(one.health()).toMatchObject({ status: 'up', instances: [{ inFlight: 3 }] })
    expect(await Promise.all(held)).toMatchObject([1, 2, 3].map(() => ({ refusal: { code: 'service.timeout' } })))
  })

  it('tells the service how long this attempt may take', async () => {
    const heard: Record<string, unknown> = {}
    const url = await serving(({ headers }, response) => {
      Object.assign(heard, headers)
      response.end('{}')
    })

    await service(url, {}, 9_000).ask(ask())

    expect(Number(heard['x-deadline-ms'])).toBeGreaterThan(1_000)
    expect(Number(heard['x-deadline-ms'])).toBeLessThanOrEqual(2_000)
  })
})
