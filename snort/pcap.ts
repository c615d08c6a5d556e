/** Writes packets as a pcap file: TCP conversations over IPv4, for Snort's rules to be tried on. */

export type End = { address: string; port: number }
/** From the beginning of the file, in seconds. */
type Packet = { atS: number; bytes: Buffer }

const SYN = 0x02
const ACK = 0x10
const PSH = 0x08
const FIN = 0x01
const epochS = 1_800_000_000
const stepS = 0.000_1

const ipv4 = (address: string) => Buffer.from(address.split('.').map(Number))

/** An Ethernet frame around it. Checksums are 0: whoever reads it is told not to look at them (`-k none`), as on a loopback device. */
function frame(
  from: End,
  to: End,
  { seq, ack, flags, data = '' }: { seq: number; ack: number; flags: number; data?: string },
) {
  const payload = Buffer.from(data)
  const ethernet = Buffer.from('02000000000102000000000208'.concat('00'), 'hex')
  const ip = Buffer.alloc(20)
  ip.writeUInt8(0x45, 0)
  ip.writeUInt16BE(40 + payload.length, 2)
  ip.writeUInt8(64, 8)
  ip.writeUInt8(6, 9)
  ipv4(from.address).copy(ip, 12)
  ipv4(to.address).copy(ip, 16)
  const tcp = Buffer.alloc(20)
  tcp.writeUInt16BE(from.port, 0)
  tcp.writeUInt16BE(to.port, 2)
  tcp.writeUInt32BE(seq, 4)
  tcp.writeUInt32BE(ack, 8)
  tcp.writeUInt8(0x50, 12)
  tcp.writeUInt8(flags, 13)
  tcp.writeUInt16BE(65_000, 14)
  return Buffer.concat([ethernet, ip, tcp, payload])
}

/** One SYN, and nothing after it. */
export const syn = (atS: number, from: End, to: End): Packet[] => [
  { atS, bytes: frame(from, to, { seq: 1_000, ack: 0, flags: SYN }) },
]

export type Line = { atS: number; by: 'client' | 'server'; data: string }

/** A connection: handshake, what each side says, and, unless it is left open, its end. */
export function conversation(atS: number, client: End, server: End, lines: Line[], { ends = true } = {}): Packet[] {
  const packets: Packet[] = []
  const seq = { client: 1_000, server: 9_000 }
  const send = (at: number, by: 'client' | 'server', flags: number, data = '') => {
    const [from, to, other] = by === 'client' ? [client, server, seq.server] : [server, client, seq.client]
    packets.push({ atS: at, bytes: frame(from, to, { seq: seq[by], ack: flags & ACK ? other : 0, flags, data }) })
    seq[by] += Buffer.byteLength(data) + (flags & (SYN | FIN) ? 1 : 0)
  }
  send(atS, 'client', SYN)
  send(atS + stepS, 'server', SYN | ACK)
  send(atS + 2 * stepS, 'client', ACK)
  let lastS = atS + 2 * stepS
  for (const { atS: at, by, data } of lines) {
    lastS = Math.max(lastS + stepS, at)
    send(lastS, by, PSH | ACK, data)
    send(lastS + stepS / 2, by === 'client' ? 'server' : 'client', ACK)
  }
  if (ends) {
    send(lastS + stepS, 'client', FIN | ACK)
    send(lastS + 2 * stepS, 'server', FIN | ACK)
    send(lastS + 3 * stepS, 'client', ACK)
  }
  return packets
}

/** The file: packets in the order of their times. */
export function pcap(packets: Packet[]): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(0xa1b2c3d4, 0)
  head.writeUInt16LE(2, 4)
  head.writeUInt16LE(4, 6)
  head.writeUInt32LE(65_535, 16)
  head.writeUInt32LE(1, 20) // Ethernet.
  const records = packets
    .toSorted((a, b) => a.atS - b.atS)
    .map(({ atS, bytes }) => {
      const record = Buffer.alloc(16)
      record.writeUInt32LE(epochS + Math.floor(atS), 0)
      record.writeUInt32LE(Math.floor((atS % 1) * 1e6), 4)
      record.writeUInt32LE(bytes.length, 8)
      record.writeUInt32LE(bytes.length, 12)
      return Buffer.concat([record, bytes])
    })
  return Buffer.concat([head, ...records])
}
