/**
 * The gateway's open connections by their source: whose handshake was completed here, whose requests never become whole, and
 * whose connections are to be closed. A connection that was accepted is one whose source has answered our SYN-ACK, so its
 * address is not forged; nothing else is taken as a proof of that.
 */
import type { Socket } from 'node:net'
import { plainAddress } from './deny-list.ts'

/** Addresses whose handshakes are remembered; past it, the one that connected longest ago is forgotten. */
const rememberedMax = 50_000
/** A head that takes longer is counted as held back; a phone on a bad network sends its few hundred bytes in one segment. */
const headMsMax = 2_000

export type Connections = {
  /** Takes a connection that was accepted, or closes it where `isUnwanted` says so. */
  onConnection(socket: Socket): void
  /** A whole request head has come in by `socket`, on behalf of `source`; call `onDone` once it is answered. */
  onHead(socket: Socket, source: string): void
  onDone(socket: Socket): void
  /** Whether a connection of this address was accepted here, or one of a listed proxy on its behalf. */
  hasShaken(address: string): boolean
  /** How many connections of each address have sent bytes, and no whole request head for `headMsMax`. */
  heldBack(): Map<string, number>
  /** Closes all connections of an address; those of a proxy that carries its requests stay. */
  drop(address: string): void
  open(): number
}

type Known = { address: string; sinceMs: number; bytesAtRest: number; busy: number }

/** `nowMs`: real monotonic milliseconds. `mayOpen(address, open)`: whether an address with so many open connections gets one more. */
export function createConnections({
  mayOpen,
  nowMs,
}: {
  mayOpen: (address: string, open: number) => boolean
  nowMs: () => number
}): Connections {
  const shaken = new Set<string>()
  const bySource = new Map<string, Map<Socket, Known>>()
  const bySocket = new WeakMap<Socket, Known>()
  let open = 0

  const remember = (address: string) => {
    shaken.delete(address)
    shaken.add(address)
    const [oldest] = shaken
    if (shaken.size > rememberedMax && oldest !== undefined) shaken.delete(oldest)
  }
  return {
    onConnection: (socket) => {
      const address = plainAddress(socket.remoteAddress ?? '')
      const sockets = bySource.get(address) ?? new Map<Socket, Known>()
      remember(address)
      if (!mayOpen(address, sockets.size)) return void socket.destroy()
      const known = { address, sinceMs: nowMs(), bytesAtRest: 0, busy: 0 }
      bySource.set(address, sockets.set(socket, known))
      bySocket.set(socket, known)
      open += 1
      socket.once('close', () => {
        open -= 1
        sockets.delete(socket)
        if (sockets.size === 0) bySource.delete(address)
      })
    },
    onHead: (socket, source) => {
      const known = bySocket.get(socket)
      if (known !== undefined) known.busy += 1
      if (known?.address !== source) remember(plainAddress(source))
    },
    onDone: (socket) => {
      const known = bySocket.get(socket)
      if (known === undefined) return
      known.busy -= 1
      known.bytesAtRest = socket.bytesRead
      known.sinceMs = nowMs()
    },
    hasShaken: (address) => shaken.has(plainAddress(address)),
    heldBack: () => {
      const isHeld = (socket: Socket, { sinceMs, bytesAtRest, busy }: Known) =>
        busy === 0 && socket.bytesRead > bytesAtRest && nowMs() - sinceMs > headMsMax
      const counts = [...bySource].map(([address, sockets]) => {
        return [address, [...sockets].filter(([socket, known]) => isHeld(socket, known)).length] as const
      })
      return new Map(counts.filter(([, count]) => count > 0))
    },
    drop: (address) => {
      for (const socket of bySource.get(plainAddress(address))?.keys() ?? []) socket.destroy()
    },
    open: () => open,
  }
}
