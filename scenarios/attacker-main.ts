/**
 * An attacker, in a process of its own, against one address of this machine: bounded in connections, requests and time, and it ends by
 * itself. Takes its orders as JSON on its input, and tells each quarter of a second what it had.
 */
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { AttackOrders } from './attack-orders.ts'

const orders = AttackOrders.parse(await json(process.stdin))
const endsAtMs = performance.now() + orders.forMs
const isOver = () => performance.now() >= endsAtMs
let served = 0
let asked = 0
const held = new Set<Socket>()

const tell = setInterval(() => {
  process.stdout.write(`${JSON.stringify({ atMs: Date.now(), served, held: held.size })}\n`)
  served = 0
}, 250)
setTimeout(() => process.exit(0), orders.forMs + 500)
process.once('disconnect', () => process.exit(0))

/** Whether the product did work for it: refusals by a denial (403), by any limit (429) or for overload (503) are none. */
const isWork = (status: number) => ![403, 429, 503].includes(status)

function ask(agent: Agent, source: string): Promise<void> {
  const { host, port, path, method, headers, body } = orders
  return new Promise((resolve) => {
    const one = request(
      { host, port, path, method, headers, agent, localAddress: source, timeout: 5_000 },
      (response) => {
        response.once('end', () => {
          if (isWork(response.statusCode ?? 0)) served += 1
          resolve()
        })
        response.once('error', () => resolve())
        response.resume()
      },
    )
    one.once('timeout', () => one.destroy())
    one.once('error', () => void sleep(100).then(resolve)) // Closed: an attacker that spins harms but himself.
    one.end(body?.replace('#', `${asked}`))
  })
}

/** Asks as fast as it is answered, on so many connections. */
async function flood(source: string): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: orders.connections })
  const one = async () => {
    while (!isOver() && asked < orders.requestsMax) {
      asked += 1
      await ask(agent, source)
      if (orders.pauseMs > 0) await sleep(orders.pauseMs)
    }
  }
  await Promise.all(Array.from({ length: orders.connections }, one))
  agent.destroy()
}

/** A connection that is closed before this was none that is held. */
const heldAfterMs = 1_000

/** Opens connections, begins a request on each, and never ends it. */
async function hold(source: string): Promise<void> {
  const one = async () => {
    while (!isOver() && asked < orders.requestsMax) {
      asked += 1
      const socket = connect({ host: orders.host, port: orders.port, localAddress: source })
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
      socket.on('error', () => undefined)
      socket.resume() // Or its end would not be heard, and a connection that was closed counted as held.
      const stays = setTimeout(() => held.add(socket), heldAfterMs)
      socket.once('connect', () => {
        socket.write(`GET ${orders.path} HTTP/1.1\r\nhost: gateway\r\n`)
      })
      const drip = setInterval(() => socket.write('x-a: b\r\n'), 1_500)
      await Promise.race([closed, sleep(Math.max(0, endsAtMs - performance.now()))])
      clearTimeout(stays)
      clearInterval(drip)
      held.delete(socket)
      socket.destroy()
      await sleep(200)
    }
  }
  await Promise.all(Array.from({ length: orders.connections }, one))
}

await Promise.all(orders.sources.map(orders.kind === 'flood' ? flood : hold))
clearInterval(tell)
process.exit(0)
