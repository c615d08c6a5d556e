/** Which TCP connections of this process to some servers are open. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { Socket } from 'node:net'
import { z } from 'zod'

const channel = 'net.client.socket'
const Published = z.object({ socket: z.instanceof(Socket) })

/** Counts, from now on, the connections to `servers` (host:port) that are open. */
export function watchConnections(servers: readonly string[]) {
  const ports = new Set(servers.map((server) => Number(server.split(':').at(-1))))
  const open = new Set<Socket>()
  const onSocket = (message: unknown) => {
    const { socket } = Published.parse(message)
    socket.once('connect', () => {
      if (!ports.has(socket.remotePort ?? 0)) return
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    })
  }
  subscribe(channel, onSocket)
  return {
    open: () => open.size,
    [Symbol.dispose]: () => void unsubscribe(channel, onSocket),
  }
}
