/**
 * For the protocol test: every run of a small world. From one state, each step that is possible is taken, until there are no new
 * states or the depth is reached; a state that was seen is not looked at again. Faults have a budget: so many of each kind in a run.
 *
 * Delay needs no step of its own: whoever does not read for a while is delayed. So a committed message stands in its topic at once,
 * and a report that is written is sent at once, without a run being lost.
 */
import { createHash } from 'node:crypto'
import { topics } from '@fleet/contracts/topics'
import { deliveryOf, droneOf } from './protocol-database.ts'
import { apply, newWorld, type Step, type World, work } from './protocol-world.ts'

/** How often each fault may still happen in a run. `split`: a transaction that others may overtake before it commits. */
const kinds = [
  'split',
  'ground',
  'wreck',
  'crash',
  'crash-server',
  'zombie',
  'miss',
  'copy',
  'cancel',
  'pass',
  'close',
  'came',
] as const
type Kind = (typeof kinds)[number]
export type Budget = Readonly<Partial<Record<Kind, number>>>

/**
 * World milliseconds of one step of time. Two of them are 66,150 by a server's clock that runs 5 % fast, and 59,850 by a drone's that
 * runs 5 % slow: a permit of 60,000 still runs for the drone, and an allowance of a tenth for drift would call it over.
 */
const passMs = 31_500

type Node = { world: World; budget: Budget; depth: number }
export type Search = { states: number; complete: boolean; handedOver: number; ends: ReadonlyMap<string, number> }

/** Takes all steps from `start`. Throws `Broken` at the first state in which a promise does not hold. */
export async function searchAll(
  start: World,
  budget: Budget,
  { depthMax, statesMax }: { depthMax: number; statesMax: number },
): Promise<Search> {
  const seen = new Set<string>()
  const stack: Node[] = [{ world: start, budget, depth: 0 }]
  const ends = new Map<string, number>()
  let complete = true
  let handedOver = 0
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    const next = [...progress(node), ...faults(node)]
    if (next.length === 0) {
      const { status } = deliveryOf(node.world.docs, 'ord_1')
      ends.set(status, (ends.get(status) ?? 0) + 1)
    }
    for (const { step, budget: left, splits } of next) {
      const world = await apply(node.world, step).then((after) => finish(after, node.world, { splits, budget: left }))
      if (world === node.world) continue
      const name = hashOf(world, left)
      if (seen.has(name)) continue
      if (seen.size >= statesMax || node.depth >= depthMax) {
        complete = false
        continue
      }
      seen.add(name)
      if (world.letGo.length > node.world.letGo.length) handedOver += 1
      stack.push({ world, budget: left, depth: node.depth + 1 })
    }
  }
  return { states: seen.size, complete, handedOver, ends }
}

type Choice = { step: Step; budget: Budget; splits?: true | undefined }

/** Work that is done at once, and transactions that stay open for a while. */
function progress({ world, budget }: Node): Choice[] {
  const steps = work(world)
  const whole = steps.map((step) => ({ step, budget }))
  const left = spent(budget, 'split')
  if (left === null) return whole
  const begins = steps.filter((step) => step.do === 'take' || step.do === 'dispatch')
  return [...whole, ...begins.map((step): Choice => ({ step, budget: left, splits: true }))]
}

function spent(budget: Budget, kind: Kind): Budget | null {
  const left = budget[kind] ?? 0
  return left > 0 ? { ...budget, [kind]: left - 1 } : null
}

/** Commits what the step opened, sends what was reported, and does what no fault of the budget can come between. */
async function finish(world: World, before: World, { splits, budget }: Omit<Choice, 'step'>): Promise<World> {
  let after = world
  while (splits === undefined && after.open.length > before.open.length) {
    after = await apply(after, { do: 'commit', index: after.open.length - 1 })
  }
  const mayCrash = (budget.crash ?? 0) + (budget.wreck ?? 0) > 0
  for (const [droneId, craft] of Object.entries(after.crafts)) {
    for (let acts = craft.acts; acts.length > 0; acts = after.crafts[droneId]?.acts ?? []) {
      const type = acts[0]?.type
      if (mayCrash && (type === 'look-again' || type === 'released')) break
      after = await apply(after, { do: 'act', droneId })
    }
  }
  return sendAll(after)
}

function faults({ world, budget }: Node): Choice[] {
  const choices: Choice[] = []
  const spend = (kind: Kind, step: Step) => {
    const left = spent(budget, kind)
    if (left !== null) choices.push({ step, budget: left, ...(kind === 'zombie' ? { splits: true } : {}) })
  }
  for (const [droneId, craft] of Object.entries(world.crafts)) {
    if (craft.wrecked) continue
    // A drone that was never given anything is interesting to nobody.
    if (craft.drone.memory.flight === null && craft.acts.length === 0) continue
    spend('ground', { do: 'health', droneId, to: 'grounded' })
    spend('wreck', { do: 'wreck', droneId })
    if (craft.drone.computer !== null) spend('crash', { do: 'crash', droneId })
    const log = world.logs[`${topics.itineraries.name}/${droneId}`] ?? []
    if (craft.given < log.length) spend('miss', { do: 'miss', droneId })
  }
  const delivery = deliveryOf(world.docs, 'ord_1')
  if (world.open.length > 0 || Object.keys(world.seen).length > 0) spend('crash-server', { do: 'crash-server' })
  for (const { name } of world.open) if (name.startsWith('take ')) spend('zombie', { do: 'take', log: name.slice(5) })
  for (const [log, messages] of Object.entries(world.logs)) {
    const last = messages.length - 1
    if (messages[last]?.topic !== topics.deliveries.name) spend('copy', { do: 'copy', log, index: last })
  }
  if (delivery.status !== 'ended') spend('cancel', { do: 'cancel', orderId: 'ord_1' })
  spend('pass', { do: 'pass', ms: passMs })
  if (delivery.status === 'undecided') {
    spend('close', { do: 'close', orderId: 'ord_1' })
    if (delivery.permit.time === 'running') choices.push({ step: { do: 'look-at-permits' }, budget })
    if (world.letGo.length > 0) spend('came', { do: 'state', orderId: 'ord_1', came: true })
  }
  return choices
}

async function sendAll(world: World): Promise<World> {
  let sent = world
  for (const [droneId, craft] of Object.entries(world.crafts)) {
    if (craft.wrecked) continue
    for (const _ of craft.drone.memory.outbox) sent = await apply(sent, { do: 'send', droneId, heard: true })
  }
  return sent
}

/** Equal for worlds from which the same can happen. */
const hashOf = ({ docs, open, seen, logs, crafts, letGo, realMs }: World, budget: Budget): string => {
  const standing = Object.entries(logs).map(([name, messages]) => [
    name,
    messages.map(({ seq, type }) => `${seq} ${type}`),
  ])
  const drones = Object.entries(crafts).map(([name, { drone, body, acts, given, wrecked }]) => [
    name,
    drone,
    body,
    acts,
    given,
    wrecked,
  ])
  const state = [sorted(docs), open, seen, standing.toSorted(), drones, letGo, realMs, budget]
  return createHash('sha1').update(JSON.stringify(state)).digest('base64')
}

const sorted = (docs: object) => Object.entries(docs).toSorted(([a], [b]) => (a < b ? -1 : 1))

/** A world of two drones and one order, in which the first drone stands above the drop point and has just asked for its permit. */
export async function approach(rates: { server: number; drones: readonly number[] }): Promise<World> {
  let world = await apply(newWorld({ drones: 2, rates }), { do: 'place', orderId: 'ord_1' })
  for (let count = 0; count < 500; count += 1) {
    if (world.crafts.drn_1?.drone.computer?.requestedAtMs != null) return sendAll(world)
    const [step] = work(world).filter((one) => one.do !== 'dispatch' || droneIsHeard(world))
    if (step === undefined) break
    world = await apply(world, step)
  }
  throw new Error('the drone never came to its drop point')
}

/** Both stand ready; the first is as good as the second, and is taken. */
const droneIsHeard = (world: World) => ['drn_1', 'drn_2'].every((droneId) => droneOf(world.docs, droneId)?.heard)

/**
 * From there on: the permit is granted and on its way, and the drone was given up meanwhile, so that nobody knows. The other drone
 * does nothing, which keeps the world small.
 */
export async function lostWithPermit(rates: { server: number; drones: readonly number[] }): Promise<World> {
  let world = await apply(await approach(rates), { do: 'wreck', droneId: 'drn_2' })
  for (const step of [
    { do: 'take', log: `${topics.droneReports.name}/drn_1` },
    { do: 'health', droneId: 'drn_1', to: 'grounded' },
    { do: 'take', log: `${topics.droneHealth.name}/drn_1` },
  ] as const) {
    const before = world
    world = await finish(await apply(world, step), before, { budget: {} })
    while (step.do === 'take' && work(world).some((one) => one.do === 'take' && one.log === step.log)) {
      const earlier = world
      world = await finish(await apply(world, step), earlier, { budget: {} })
    }
  }
  if (deliveryOf(world.docs, 'ord_1').status !== 'undecided') throw new Error('somebody knows')
  return world
}
