/** Traffic for Snort's rules: each attack, just past its threshold, and a normal hour's load squeezed into seconds, which must raise nothing. */
import type { AttackRule } from '@fleet/contracts/security-alerts'
import { conversation, type End, type Line, syn } from './pcap.ts'

const server: End = { address: '10.0.0.1', port: 8_080 }
export const attacker = '198.51.100.7'

const head = (method: string, path: string, more = '') =>
  `${method} ${path} HTTP/1.1\r\nhost: gateway\r\nuser-agent: x\r\n${more}\r\n`
const answer = (status: number, body = '{}') =>
  `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`

type Requests = { perS: number; request: string | ((index: number) => string); status?: number; sinceS?: number }

/** One connection per request. */
const requests = (from: string, count: number, { perS, request, status = 200, sinceS = 0 }: Requests) =>
  Array.from({ length: count }, (_, index) => {
    const atS = sinceS + index / perS
    const client = { address: from, port: 20_000 + index }
    return conversation(atS, client, server, [
      { atS: atS + 0.001, by: 'client', data: typeof request === 'string' ? request : request(index) },
      { atS: atS + 0.005, by: 'server', data: answer(status) },
    ])
  }).flat()

/** Requests one after the other on few connections that are kept. */
const keptAlive = (from: string, connections: number, each: number, gapS: number) =>
  Array.from({ length: connections }, (_, connection) => {
    const lines = Array.from({ length: each }, (_, index): Line[] => [
      { atS: 0.01 + index * gapS, by: 'client', data: head('GET', '/v1/orders/ord_1') },
      { atS: 0.01 + index * gapS + gapS / 2, by: 'server', data: answer(200) },
    ]).flat()
    return conversation(connection * 0.001, { address: from, port: 21_000 + connection }, server, lines)
  }).flat()

const signIn = JSON.stringify({ user: 'customer', password: 'guess' })
const signInPaths = ['/v1/sessions', '/v1/sessions?a=b', '/v1/sessions/browser']
const postSignIn = (path = '/v1/sessions') =>
  `${head('POST', path, `content-type: application/json\r\ncontent-length: ${signIn.length}\r\n`)}${signIn}`
const refresh = head('POST', '/v1/sessions/browser/refresh', 'content-length: 2\r\n').concat('{}')

export const attacks: Record<AttackRule, () => ReturnType<typeof conversation>> = {
  'http-flood': () => keptAlive(attacker, 8, 60, 0.02),
  'syn-flood': () =>
    Array.from({ length: 1_000 }, (_, index) =>
      syn(index / 1_000, { address: `203.0.${index >> 8}.${index & 255}`, port: 1_024 + index }, server),
    ).flat(),
  slowloris: () =>
    Array.from({ length: 60 }, (_, index) => {
      const line = (second: number): Line => ({ atS: second + index / 100, by: 'client', data: 'x-a: b\r\n' })
      const first: Line = { atS: index / 100 + 0.01, by: 'client', data: 'GET /v1/bases HTTP/1.1\r\nhost: gateway\r\n' }
      const client = { address: attacker, port: 22_000 + index }
      return conversation(index / 100, client, server, [first, line(2), line(4), line(6)], { ends: false })
    }).flat(),
  // Any two of the ways alone stay under the threshold.
  'login-brute-force': () =>
    requests(attacker, 21, { perS: 10, request: (index) => postSignIn(signInPaths[index % 3]), status: 401 }),
  'api-scan': () => requests(attacker, 80, { perS: 20, request: head('GET', '/admin.php'), status: 404 }),
  'oversized-body': () =>
    requests(attacker, 12, {
      perS: 5,
      request: `${head('POST', '/v1/orders', 'content-type: application/json\r\ncontent-length: 900000\r\n')}{"a":"`,
      status: 413,
    }),
}

/** Forty customers who order and follow, a sign-in each, a typing error now and then, an office behind one address, phones that are slow. */
export function normalLoad(): ReturnType<typeof conversation> {
  const customers = Array.from({ length: 40 }, (_, index) => `192.0.2.${index + 1}`)
  const body = JSON.stringify({ dropOff: { lat: 43.5, lon: 7.1 }, parcel: { weightG: 500 } })
  const order = head('POST', '/v1/orders', `content-type: application/json\r\ncontent-length: ${body.length}\r\n`)
  return [
    ...customers.flatMap((from, index) => [
      ...requests(from, 1, { perS: 1, request: postSignIn(), sinceS: index * 0.2 }),
      ...requests(from, 3, { perS: 2, request: `${order}${body}`, status: 201, sinceS: 1 + index * 0.2 }),
      ...requests(from, 20, { perS: 4, request: head('GET', '/v1/orders/ord_1'), sinceS: 2 + index * 0.1 }),
      ...requests(from, 2, { perS: 1, request: head('GET', '/v1/order'), status: 404, sinceS: 3 }),
    ]),
    // The office: 80 requests a second from one address, and six people who sign in.
    ...requests('192.0.2.200', 480, { perS: 80, request: head('GET', '/v1/bases') }),
    ...requests('192.0.2.200', 6, { perS: 2, request: postSignIn(), sinceS: 7 }),
    // Another office, whose pages renew their sessions.
    ...requests('192.0.2.202', 30, { perS: 10, request: refresh }),
    // Phones: their heads come in two segments.
    ...Array.from({ length: 10 }, (_, index) => {
      const [first, second] = ['GET /v1/bases HTTP/1.1\r\nhost: gateway\r\n', 'user-agent: phone\r\n\r\n']
      const client = { address: '192.0.2.201', port: 30_000 + index }
      return conversation(index, client, server, [
        { atS: index + 0.1, by: 'client', data: first },
        { atS: index + 0.4, by: 'client', data: second },
        { atS: index + 0.5, by: 'server', data: answer(200) },
      ])
    }).flat(),
  ]
}
