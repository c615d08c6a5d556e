/**
 * Where HTTPS ends: it decrypts, and hands each connection on to the plain listener of this machine.
 *
 * A sensor must read requests, and count them by who sends them. So each client gets an address of its own on the loopback
 * network (127.64.0.0/10), from which its connections are handed on: what Snort sees there is plain, and the source is one client.
 * `clientOf` is the way back, from such an address to the client's; nobody outside this machine can come from one.
 */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { pipeline } from 'node:stream'
import { createServer, type TLSSocket } from 'node:tls'
import type { Log } from '@fleet/runtime/log'
import { z } from 'zod'
import { plainAddress } from './deny-list.ts'

/** Clients that have a loopback address; past it, the one that connected longest ago loses it to the next. */
const clientsMax = 65_536
const firstAlias = (127 << 24) + (64 << 16)
const handshakeMsMax = 5_000
const connectionsMax = 12_000
const stalledMsMax = 60_000

/** Loopback addresses for clients, both ways. */
export function createAliases(max = clientsMax): {
  aliasOf(client: string): string
  clientOf(alias: string): string | undefined
} {
  const aliases = new Map<string, string>()
  const clients = new Map<string, string>()
  const text = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
  return {
    aliasOf: (client) => {
      let alias = aliases.get(client)
      if (alias === undefined) {
        const [oldest] = aliases
        alias = aliases.size < max || oldest === undefined ? text(firstAlias + 1 + aliases.size) : oldest[1]
        if (aliases.size >= max && oldest !== undefined) aliases.delete(oldest[0])
      }
      aliases.delete(client)
      aliases.set(client, alias)
      clients.set(alias, client)
      return alias
    },
    clientOf: (alias) => clients.get(alias),
  }
}

export type TlsFront = { port: number; close(): Promise<void> }

/**
 * Listens. `to`: the plain listener's port. `mayOpen(address, open)`: a client that may not have one more connection beside so many is
 * cut off before its handshake costs anything.
 */
export async function startTlsFront({
  host,
  port,
  certificate,
  key,
  to,
  mayOpen,
  aliases,
  log,
}: {
  host: string
  port: number
  certificate: string
  key: string
  to: number
  mayOpen: (address: string, open: number) => boolean
  aliases: ReturnType<typeof createAliases>
  log: Log
}): Promise<TlsFront> {
  const open = new Set<Socket>()
  const openOf = new Map<string, number>()
  const hold = (socket: Socket) => {
    open.add(socket)
    socket.setTimeout(stalledMsMax, () => socket.destroy())
    socket.once('close', () => open.delete(socket))
  }
  const handOn = (client: TLSSocket) => {
    const address = plainAddress(client.remoteAddress ?? '')
    if (address === '') return void client.destroy()
    const inner = connect({ host: '127.0.0.1', port: to, localAddress: aliases.aliasOf(address) })
    hold(client)
    hold(inner)
    const ended = (error: NodeJS.ErrnoException | null | undefined) => {
      // A side that leaves takes the other along; that it left is no fault.
      if (error) log.trace({ err: error }, 'connection ended')
      client.destroy()
      inner.destroy()
    }
    pipeline(client, inner, ended)
    pipeline(inner, client, ended)
  }
  const server = createServer(
    { cert: certificate, key, minVersion: 'TLSv1.2', ALPNProtocols: ['http/1.1'], handshakeTimeout: handshakeMsMax },
    handOn,
  )
  server.maxConnections = connectionsMax
  server.on('connection', (socket) => {
    const address = plainAddress(socket.remoteAddress ?? '')
    const others = openOf.get(address) ?? 0
    if (!mayOpen(address, others)) return void socket.destroy()
    openOf.set(address, others + 1)
    socket.once('close', () => {
      const left = (openOf.get(address) ?? 1) - 1
      if (left > 0) openOf.set(address, left)
      else openOf.delete(address)
    })
  })
  server.on('tlsClientError', (error) => log.trace({ err: error }, 'no TLS handshake'))
  server.listen(port, host)
  await once(server, 'listening')
  return {
    port: z.object({ port: z.number() }).parse(server.address()).port,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
