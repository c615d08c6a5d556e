/** The instances of one service: which are there, which of them is asked next, and how they are. */
import type { BreakerState, ServicesHealthReply } from '@fleet/contracts/front-door'
import type { Discovery } from './discovery.ts'
import { type BreakerLimits, createInstance, type Instance } from './instance.ts'

export type BreakerChange = { service: string; instance: string; breaker: BreakerState }

export type Balancer = {
  /** The instance with the least under way that is not set aside; one not in `tried` where there is one. Null where all are down. */
  pick(tried: ReadonlySet<string>): Instance | null
  health(): ServicesHealthReply['items'][number]
  close(): Promise<void>
}

export function createBalancer({
  service,
  discovery,
  limits,
  onChange,
}: {
  service: string
  discovery: Discovery
  limits: BreakerLimits
  onChange: (change: BreakerChange) => void
}): Balancer {
  const known = new Map<string, Instance>()
  let turn = 0

  /** New ones are added; one that left the list is forgotten once its calls have ended. */
  const current = (): Instance[] => {
    const urls = discovery.instances()
    const instances = urls.map((url) => {
      const there = known.get(url)
      if (there !== undefined) return there
      const made = createInstance({
        service,
        url,
        limits,
        probe: isAlive,
        onChange: (breaker) => onChange({ service, instance: url, breaker }),
      })
      known.set(url, made)
      return made
    })
    if (known.size > urls.length) {
      for (const [url, instance] of known) {
        if (urls.includes(url) || instance.inFlight() > 0) continue
        instance.close()
        known.delete(url)
      }
    }
    return instances
  }

  return {
    pick: (tried) => {
      const usable = current().filter((instance) => instance.state() === 'closed')
      const untried = usable.filter(({ url }) => !tried.has(url))
      const choice = untried.length > 0 ? untried : usable
      turn = (turn + 1) % Math.max(1, choice.length)
      // Among equals it goes round, or an idle service would be served by one instance alone.
      const inTurn = [...choice.slice(turn), ...choice.slice(0, turn)]
      return inTurn.reduce<Instance | null>(
        (best, one) => (best === null || one.inFlight() < best.inFlight() ? one : best),
        null,
      )
    },
    health: () => {
      const instances = current().map((one) => ({ url: one.url, breaker: one.state(), inFlight: one.inFlight() }))
      const closed = instances.filter(({ breaker }) => breaker === 'closed').length
      return { service, status: closed === 0 ? 'down' : closed < instances.length ? 'impaired' : 'up', instances }
    },
    close: async () => {
      await discovery.close()
      for (const instance of known.values()) instance.close()
      known.clear()
    },
  }
}

async function isAlive(url: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(`${url}/health/live`, { signal, redirect: 'error' })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`${url} says that it does not live`)
}
