/** TCP ports that are free on the loopback address. */
import { createServer } from 'node:net'

const HOST = '127.0.0.1'
/** Below the range from which systems take the local ports of outgoing connections: a restarted part finds its port free. */
const FIRST = 20_000
const COUNT = 12_000

export type PortPicker = (wanted?: number) => Promise<number>

/**
 * A picker that gives `wanted` where it is free, else some other free port; never the same one twice.
 * `start` spreads pickers of different processes (their pid will do), so that they seldom try the same.
 */
export function createPortPicker(start: number): PortPicker {
  const given = new Set<number>()
  let next = (start * 97) % COUNT
  async function claim(port: number): Promise<boolean> {
    if (given.has(port)) return false
    given.add(port) // Before the wait: two callers at once must not both try it.
    if (await isFree(port)) return true
    return false
  }
  return async (wanted) => {
    if (wanted !== undefined && (await claim(wanted))) return wanted
    for (let tried = 0; tried < COUNT; tried++) {
      const port = FIRST + next
      next = (next + 1) % COUNT
      if (await claim(port)) return port
    }
    throw new Error(`No free TCP port on ${HOST} between ${FIRST} and ${FIRST + COUNT}.`)
  }
}

/** Whether nobody listens on `port` of the loopback address at this moment. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: HOST, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
