import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:https'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCertificateAuthority } from '@fleet/local/certificate-authority'
import { waitUntil } from '@fleet/local/wait'
import { createHealth } from '@fleet/runtime/health'
import { ok, openRoute, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { describe, expect, it } from '@jest/globals'
import { createAliases, startTlsFront } from './tls-front.ts'

const where = openRoute('GET /where', {}, async ({ address }) => ok({ address }))

async function serving(mayOpen: (address: string, open: number) => boolean) {
  const authority = await openCertificateAuthority(join(tmpdir(), `gateway-tls-${randomUUID()}`), Date.now)
  const { certificate, key } = await authority.issueBroker('gateway')
  const aliases = createAliases()
  const log = silentLog()
  /** What a sensor on the plain side sees as sources. */
  const seen: string[] = []
  const http = await startHttp({
    host: '127.0.0.1',
    port: 0,
    routes: [where],
    authenticate: () => ({ code: 'auth.missing' }),
    health: createHealth(),
    log,
    onConnection: (socket) => {
      seen.push(socket.remoteAddress ?? '')
      Object.defineProperty(socket, 'remoteAddress', { value: aliases.clientOf(socket.remoteAddress ?? '') })
    },
  })
  const front = await startTlsFront({
    host: '127.0.0.1',
    port: 0,
    certificate,
    key,
    to: http.port,
    mayOpen,
    aliases,
    log,
  })
  const ask = async (localAddress: string): Promise<unknown> => {
    const options = { host: '127.0.0.1', port: front.port, path: '/where', ca: authority.certificate, localAddress }
    const asked = request({ ...options, agent: false }).end()
    const [response] = await once(asked, 'response')
    let text = ''
    for await (const chunk of response) text += chunk
    return JSON.parse(text)
  }
  return {
    ask,
    port: front.port,
    seen,
    aliases,
    [Symbol.asyncDispose]: async () => {
      await front.close()
      await http.close()
    },
  }
}

describe('where HTTPS ends', () => {
  it('is before the plain listener, on which each client has one address of its own, and is still itself to the gateway', async () => {
    await using gateway = await serving(() => true)

    const answers = [await gateway.ask('127.0.0.8'), await gateway.ask('127.0.0.9'), await gateway.ask('127.0.0.8')]

    expect(answers).toEqual([{ address: '127.0.0.8' }, { address: '127.0.0.9' }, { address: '127.0.0.8' }])
    expect(gateway.seen).toEqual(['127.64.0.1', '127.64.0.2', '127.64.0.1'])
    expect(gateway.aliases.clientOf('127.64.0.2')).toBe('127.0.0.9')
  })

  it('cuts off a client that is denied before its handshake', async () => {
    await using gateway = await serving((address) => address !== '127.0.0.8')

    await expect(gateway.ask('127.0.0.8')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await gateway.ask('127.0.0.9')).toEqual({ address: '127.0.0.9' })
  })

  it('counts the connections of each client from before its handshake until they are closed', async () => {
    await using gateway = await serving((_address, open) => open < 2)
    const idle = [1, 2].map(() => connect({ host: '127.0.0.1', port: gateway.port, localAddress: '127.0.0.8' }))
    await Promise.all(idle.map((socket) => once(socket, 'connect')))

    await expect(gateway.ask('127.0.0.8')).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(await gateway.ask('127.0.0.9')).toEqual({ address: '127.0.0.9' })
    for (const socket of idle) socket.destroy()

    // Each of these has shaken hands: were it not counted down again, the third would be refused.
    for (let asked = 0; asked < 4; asked += 1) {
      const answer = await waitUntil('it to be let in', () => gateway.ask('127.0.0.8'), { timeoutMs: 10_000 })
      expect(answer).toEqual({ address: '127.0.0.8' })
    }
  })

  it('gives the address of the client that connected longest ago to the next, past its bound', () => {
    const aliases = createAliases(2)
    const [a, b] = [aliases.aliasOf('192.0.2.1'), aliases.aliasOf('192.0.2.2')]
    aliases.aliasOf('192.0.2.1')

    expect(aliases.aliasOf('192.0.2.3')).toBe(b)
    expect([a, b].map(aliases.clientOf)).toEqual(['192.0.2.1', '192.0.2.3'])
  })
})
