/**
 * The gateway's open connections by their source: whose handshake was completed here, whose requests never become whole, and
 * whose connections are to be closed. A connection that was accepted is one whose source has answered our SYN-ACK, so its
 * address is not forged; nothing else is taken as a proof of that.
 */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type DenyList, plainAddress } from './deny-list.ts'

/** Addresses whose handshakes are remembered; past it, the one that connected longest ago is forgotten. */
const rememberedMax = 50_000
/**
 * A head, or a body after it, that takes longer is counted as held back; a phone on a bad network sends its few hundred bytes
 * in one segment. So is a connection that says nothing for so long.
 */
const wholeMsMax = 2_000
/** Open connections of an address that is held to stricter limits. */
const limitedConnectionsMax = 16

export type Connections = {
  /** Takes a connection that was accepted, or closes it where `mayOpen` does not let it in. */
  onConnection(socket: Socket): void
  /** The whole head of `request` has come in, on behalf of `source`; call `onDone` once it is answered. */
  onHead(request: IncomingMessage, source: string): void
  onDone(socket: Socket): void
  /** Whether a connection of this address was accepted here, or one of a listed proxy on its behalf. */
  hasShaken(address: string): boolean
  /** How many connections of each address have begun a request and not made it whole, body and all, within `wholeMsMax`. */
  heldBack(): Map<string, number>
  /** How many connections of each address are open for longer than that and have never sent a byte. */
  silent(): Map<string, number>
  /** Closes all connections of an address; those of a proxy that carries its requests stay. */
  drop(address: string): void
  open(): number
}

type Known = {
  address: string
  sinceMs: number
  bytesAtRest: number
  busy: number
  /** The request that came last, while its body may still be coming. */
  incoming: IncomingMessage | null
}

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
  const isHeldBack = (socket: Socket, { bytesAtRest, busy, incoming }: Known) => {
    if (incoming === null || incoming.complete) return busy === 0 && socket.bytesRead > bytesAtRest
    // A full buffer waits for us, and not for the client.
    return incoming.readableLength < incoming.readableHighWaterMark
  }
  const isSilent = ({ bytesRead }: Socket) => bytesRead === 0
  const countOf = (isCounted: (socket: Socket, known: Known) => boolean) => {
    const isLate = ({ sinceMs }: Known) => nowMs() - sinceMs > wholeMsMax
    const counts = new Map<string, number>()
    for (const [address, sockets] of bySource) {
      const { length } = [...sockets].filter(([socket, known]) => isLate(known) && isCounted(socket, known))
      if (length > 0) counts.set(address, length)
    }
    return counts
  }
  return {
    onConnection: (socket) => {
      const address = plainAddress(socket.remoteAddress ?? '')
      const sockets = bySource.get(address) ?? new Map<Socket, Known>()
      remember(address)
      if (!mayOpen(address, sockets.size)) return void socket.destroy()
      const known: Known = { address, sinceMs: nowMs(), bytesAtRest: 0, busy: 0, incoming: null }
      bySource.set(address, sockets.set(socket, known))
      bySocket.set(socket, known)
      open += 1
      socket.once('close', () => {
        open -= 1
        sockets.delete(socket)
        if (sockets.size === 0) bySource.delete(address)
      })
    },
    onHead: (request, source) => {
      const known = bySocket.get(request.socket)
      if (known !== undefined) {
        known.busy += 1
        known.sinceMs = nowMs()
        known.incoming = request
      }
      if (known?.address !== source) remember(plainAddress(source))
    },
    onDone: (socket) => {
      const known = bySocket.get(socket)
      if (known === undefined) return
      known.busy -= 1
      known.bytesAtRest = socket.bytesRead
      // The first of two that are pipelined says nothing of how long the second's body takes.
      if (known.busy === 0) known.sinceMs = nowMs()
      if (known.incoming?.complete === true) known.incoming = null
    },
    hasShaken: (address) => shaken.has(plainAddress(address)),
    heldBack: () => countOf(isHeldBack),
    silent: () => countOf(isSilent),
    drop: (address) => {
      for (const socket of bySource.get(plainAddress(address))?.keys() ?? []) socket.destroy()
    },
    open: () => open,
  }
}

export type Admission = {
  /** Whether an address with so many open connections gets one more; counts those of a denied one. */
  mayOpen(address: string, open: number): boolean
  /** Whether one more is worth a TLS handshake; counts nothing. */
  mayShake(address: string, open: number): boolean
}

/** How many connections an address may hold, by how it is treated; trusted proxies and allowed addresses any number. */
export function createAdmission({
  denyList,
  isProxy,
  isAllowed,
  perAddressMax,
}: {
  denyList: Pick<DenyList, 'treatmentOf' | 'mayConnect' | 'isSpent'>
  isProxy: (address: string) => boolean
  isAllowed: (address: string) => boolean
  perAddressMax: number
}): Admission {
  const maxOf = (address: string): number => {
    const treatment = denyList.treatmentOf(address)?.treatment
    if (treatment === 'limit') return Math.min(limitedConnectionsMax, perAddressMax)
    return treatment === 'allow' || (treatment === undefined && isAllowed(address))
      ? Number.POSITIVE_INFINITY
      : perAddressMax
  }
  return {
    mayOpen: (address, open) => isProxy(address) || (open < maxOf(address) && denyList.mayConnect(address)),
    mayShake: (address, open) => isProxy(address) || (open < maxOf(address) && !denyList.isSpent(address)),
  }
}
