/** The simulators of a running stack: faults and weather, by the ports that only their own machine or container reaches. */
import { type FaultOrder, FaultsReply } from '@fleet/drone-sim/faults'
import { docker } from '@fleet/local/docker-command'
import type { StackInfo } from '@fleet/local/stack-info'

const requestMsMax = 10_000
const isSimulator = (name: string) => /^sim(-\d+)?$/.test(name)

/** Sends a body to `path` of a simulator, or reads it where there is none, and gives what it answered. */
type Call = (path: string, body?: unknown) => Promise<unknown>

async function callHere(url: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(requestMsMax),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path} of the simulator answered ${response.status}: ${text}`)
  return JSON.parse(text)
}

/** What runs within the container: its port is bound to the container's own loopback. */
const callerWithin = `
const [path, body] = process.argv.slice(1)
const sent = body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body }
const response = await fetch('http://127.0.0.1:' + process.env.HTTP_PORT + path, sent)
console.log(await response.text())
if (!response.ok) process.exit(1)
`

async function callWithin(container: string, path: string, body?: unknown): Promise<unknown> {
  const script = ['--input-type=module', '--eval', callerWithin, '--', path]
  const sent = body === undefined ? [] : [JSON.stringify(body)]
  return JSON.parse(docker('exec', container, 'node', ...script, ...sent))
}

/** Each simulator of the stack as it is now: a restart changes none of its addresses. */
function simulatorsOf(info: StackInfo): Call[] {
  return Object.entries(info.parts).flatMap(([name, part]): Call[] => {
    if (!isSimulator(name)) return []
    if ('container' in part) return [(path, body) => callWithin(part.container, path, body)]
    const { simulator } = info
    return simulator === undefined ? [] : [(path, body) => callHere(simulator, path, body)]
  })
}

/** Gives a simulated drone a fault, or takes its faults away. Refuses a drone that no simulator of the stack has. */
export async function inflict(info: StackInfo, order: FaultOrder): Promise<void> {
  for (const call of simulatorsOf(info)) {
    const { items } = FaultsReply.parse(await call('/faults'))
    if (!items.some(({ droneId }) => droneId === order.droneId)) continue
    await call('/faults', order)
    return
  }
  throw new Error(`No simulator of the stack has the drone ${order.droneId}.`)
}

export async function countDrones(info: StackInfo): Promise<number> {
  let count = 0
  for (const call of simulatorsOf(info)) count += FaultsReply.parse(await call('/faults')).items.length
  return count
}

/** The same weather for all drones of the stack. */
export async function setWeather(info: StackInfo, weather: { windMps: number; lossShare: number }): Promise<void> {
  for (const call of simulatorsOf(info)) await call('/weather', weather)
}
