/** What brings each canary's defect to light: legitimate faults, at the moment that matters. A sound build comes through all of them. */
import { setTimeout as pause } from 'node:timers/promises'
import type { DroneId, OrderId } from '@fleet/contracts/ids'
import { LatestPositionsReply } from '@fleet/contracts/rest'
import { topics } from '@fleet/contracts/topics'
import type { Place } from '@fleet/contracts/units'
import { distanceM } from '@fleet/geo/distance'
import { waitUntil } from '@fleet/local/wait'
import { z } from 'zod'
import type { ProvokingStage } from './campaign.ts'
import { withDatabases } from './collect.ts'
import type { FaultLog } from './history.ts'

type Provoke = (stage: ProvokingStage) => Promise<void>

/** A consumer dies again and again between a record's offset and its effect, if there is such a moment. */
const killConsumers: Provoke = async ({ saboteur, target }) => {
  await pause(5_000)
  for (let round = 0; round < 8; round += 1) {
    await saboteur.inflict({ kind: 'kill', target: 'position', forMs: 0 })
    if (round % 3 === 0) await saboteur.inflict({ kind: 'kill', target: 'itinerary', forMs: 0 })
    await serves(target.info().services.position)
    await pause(700)
  }
}

/** Many orders at once while primaries die: transactions that are rolled back and run anew. */
const breakTransactions: Provoke = async ({ saboteur, traffic }) => {
  await pause(4_000)
  for (let round = 0; round < 2; round += 1) {
    const orders = Array.from({ length: 6 }, () => traffic.place())
    await saboteur.inflict({ kind: 'kill-primary', target: 'mongo', forMs: 3_000 })
    await Promise.all(orders)
    await pause(6_000)
  }
}

/** A drone is cut off before the door, given up and replaced, and comes back with its question. */
const comeBackReplaced: Provoke = async (stage) => {
  await pause(3_000)
  for (let round = 0; round < 3; round += 1) {
    const { orderId, dropOff } = await stage.traffic.place(farM)
    if (orderId === null) continue
    try {
      await comeBackOnce(stage, orderId, dropOff)
    } catch {
      // Cancelled, failed or handed over meanwhile: the next order may serve.
    }
  }
}

const Flown = z.object({ state: z.object({ flight: z.object({ droneId: z.string(), epoch: z.number() }) }) })
/** Positions are told a second late, in which it flies 200 m at ten times the world's speed: it must be cut off before it asks. */
const nearM = 250
/** By then it has asked, unheard, fifteen seconds of the world before it arrives. */
const hasAskedMs = 4_000
/** So far that the drone in its place is still on its way then. */
const farM = 1_500

async function comeBackOnce(
  { target, operator, history, nowMs, stopped }: ProvokingStage,
  orderId: OrderId,
  dropOff: Place,
) {
  const bound = { timeoutMs: 30_000, everyMs: 100, signal: stopped }
  const flightOf = () =>
    withDatabases(target.info(), async ({ of }) => {
      const row = await of('itinerary').collection<{ _id: string }>('deliveries').findOne({ _id: orderId })
      return Flown.safeParse(row).data?.state.flight
    })
  const first = await waitUntil('a drone', flightOf, { ...bound, everyMs: 300 })
  await waitUntil(
    'it to come near the drop point',
    async () => {
      const { items } = LatestPositionsReply.parse((await operator('GET', '/v1/fleet/positions')).body)
      const own = items.find(({ droneId }) => droneId === first.droneId)
      return own !== undefined && distanceM(own, dropOff) < nearM
    },
    bound,
  )
  await tellDrone(target.simulator, { droneId: first.droneId, fault: 'link-down' })
  const cut: FaultLog = { kind: 'link-down', target: first.droneId, fromMs: nowMs(), toMs: null, failed: null }
  history.faults.push(cut)
  const askedAtMs = performance.now() + hasAskedMs
  await operator('POST', `/v1/drones/${first.droneId}/grounding`, { body: { note: 'provoked by a campaign' } })
  const isReplaced = async () => performance.now() > askedAtMs && ((await flightOf())?.epoch ?? 0) > first.epoch
  await waitUntil('another drone', isReplaced, { ...bound, timeoutMs: 12_000 }).finally(() => {
    cut.toMs = nowMs()
    return tellDrone(target.simulator, { droneId: first.droneId, fault: 'none' })
  })
}

/** Commands that can live for three seconds wait for ten in front of a drone that is cut off. */
const rebootTooLate: Provoke = async ({ traffic, saboteur }) => {
  await pause(4_000)
  const droneIds = traffic.drones.slice(0, 3)
  const cuts = droneIds.map((droneId) => cutOff(droneId, saboteur))
  await pause(500)
  await Promise.all(droneIds.map((droneId) => traffic.command(droneId, 'reboot', 30_000)))
  await Promise.all(cuts)
  await pause(5_000)
}
const cutOff = (droneId: DroneId, saboteur: ProvokingStage['saboteur']) =>
  saboteur.inflict({ kind: 'link-down', target: droneId, forMs: 9_000 })

/** A relay that comes back publishes what it had in its hands once more, while the orders have gone on. */
const copyLate: Provoke = async ({ saboteur }) => {
  for (let round = 0; round < 3; round += 1) {
    await pause(12_000)
    for (const { name } of [topics.orders, topics.deliveries, topics.droneReports]) {
      await saboteur.inflict({ kind: 'late-copies', target: name, forMs: 0 })
    }
  }
}

export const provocations = {
  'offset-before-effect': killConsumers,
  'outbox-outside-transaction': breakTransactions,
  'permit-of-a-past-epoch': comeBackReplaced,
  'reboot-after-expiry': rebootTooLate,
  'offset-alone': copyLate,
} as const satisfies Record<string, Provoke>

async function serves(url: string | undefined): Promise<void> {
  await waitUntil(
    `${url} to be ready`,
    async () => (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok,
    { timeoutMs: 60_000, everyMs: 300 },
  ).catch(() => undefined) // A broken build may never be: the verdict tells.
}

async function tellDrone(simulator: string | null, body: { droneId: string; fault: string }): Promise<void> {
  await fetch(`${simulator}/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  })
}
