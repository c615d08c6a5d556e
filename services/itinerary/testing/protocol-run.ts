/**
 * For the protocol test: one long run. The seed decides the world, its clocks, who is slow, and every fault; then all heals, and
 * every order must come to an end. Safety is judged at each step (in `apply`), liveness and honesty at the end.
 */
import { topics } from '@fleet/contracts/topics'
import { type Random, seededRandom } from '@fleet/drone-sim/random'
import { deliveryOf, droneOf, type Message } from './protocol-database.ts'
import { apply, Broken, newWorld, type Step, type World, work } from './protocol-world.ts'

export const landmarks = [
  'handed-over',
  're-dispatched',
  'undecided',
  'permit-refused',
  'expired',
  'cancelled',
  'parcel-unknown',
  'closed-by-operator',
  'conflict',
] as const
export type Landmark = (typeof landmarks)[number]

const stepsMax = 240
/** After the heal, in steps of `healPassMs`: longer than the longest hover and the longest wait for a drone together. */
const healPassesMax = 200
const healPassMs = 5_000
/** From here on an order that does not move means that a message never came, and drone-health gives its drone up. */
const patiencePasses = 100

type Run = { world: World; orders: readonly string[]; lost: boolean; conflicts: number; random: Random }

/** Plays the run of `seed`. Throws `Broken`, naming the seed, where a promise does not hold. */
export async function playRun(seed: string): Promise<ReadonlySet<Landmark>> {
  const random = seededRandom(seed, 'protocol')
  const pick = <Value>(values: readonly Value[]): Value => {
    const value = values[Math.floor(random() * values.length)]
    if (value === undefined) throw new RangeError('nothing to pick from')
    return value
  }
  const rate = () => pick([0.95, 1, 1.05])
  const drones = pick([1, 2, 2, 3])
  const world = newWorld({ drones, rates: { server: rate(), drones: Array.from({ length: drones }, rate) } })
  const orders = Array.from({ length: pick([1, 1, 2, 3]) }, (_, index) => `ord_${index + 1}`)
  const run: Run = { world, orders, lost: false, conflicts: 0, random }
  try {
    await suffer(run, pick)
    await heal(run, pick)
    judge(run)
  } catch (error) {
    throw new Broken(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
  return reached(run)
}

async function take(run: Run, step: Step): Promise<boolean> {
  const before = run.world
  const transaction = step.do === 'commit' ? before.open[step.index] : undefined
  run.world = await apply(before, step)
  if (transaction && Object.keys(transaction.writes).length > 0 && run.world.docs === before.docs) run.conflicts += 1
  return run.world !== before
}

async function suffer(run: Run, pick: <Value>(values: readonly Value[]) => Value): Promise<void> {
  const { random, orders } = run
  for (const orderId of orders) await take(run, { do: 'place', orderId })
  const faultShare = pick([0.03, 0.1, 0.2])
  const loses = random() < 0.25
  const slowness = new Map<string, number>()
  const slow = (step: Step) => {
    const who = 'droneId' in step ? `${step.do}${step.droneId}` : 'log' in step ? step.log : step.do
    const known = slowness.get(who) ?? pick([0, 0, 0, 0.6, 0.95])
    slowness.set(who, known)
    return known > 0 && random() < known
  }
  for (let count = 0; count < stepsMax; count += 1) {
    if (count % 60 === 59) slowness.clear()
    const due = work(run.world).filter((step) => !slow(step))
    if (random() < faultShare || due.length === 0) await take(run, fault(run, pick, loses))
    else await take(run, pick(due))
  }
}

function fault(run: Run, pick: <Value>(values: readonly Value[]) => Value, loses: boolean): Step {
  const { world, orders, random } = run
  const droneId = pick(Object.keys(world.crafts))
  const orderId = pick(orders)
  const craft = world.crafts[droneId]
  const pass: Step = { do: 'pass', ms: pick([500, 5_000, 20_000, 61_000]) }
  const dice = random()
  if (dice < 0.3) return pass
  if (dice < 0.38) return craft?.drone.computer ? { do: 'crash', droneId } : pass
  if (dice < 0.4) return { do: random() < 0.4 ? 'wreck' : 'drain', droneId }
  if (dice < 0.44) return { do: 'crash-server' }
  if (dice < 0.54) {
    const log = pick(Object.keys(world.logs))
    return { do: 'copy', log, index: Math.floor(random() * (world.logs[log]?.length ?? 0)) }
  }
  if (dice < 0.6) {
    const zombie = world.open.find(({ name }) => name.startsWith('take '))
    return zombie ? { do: 'take', log: zombie.name.slice('take '.length) } : pass
  }
  if (dice < 0.64) return { do: 'send', droneId, heard: false }
  if (dice < 0.68) return { do: 'fly', droneId, share: 'half' }
  if (dice < 0.76) return { do: 'look-at-permits' }
  if (dice < 0.84) return { do: 'health', droneId, to: pick(['grounded', 'unresponsive', 'healthy', 'healthy']) }
  if (dice < 0.86) return { do: 'cancel', orderId }
  if (dice < 0.89) {
    // Recipients do not lie about what came; whether they have looked is another matter.
    return { do: 'state', orderId, came: random() < 0.5 && world.letGo.some((one) => one.orderId === orderId) }
  }
  if (dice < 0.93) return { do: 'close', orderId }
  if (!loses || craft === undefined) return pass
  const more = craft.given < (world.logs[`${topics.itineraries.name}/${droneId}`]?.length ?? 0)
  if (more) run.lost = true
  return more ? { do: 'miss', droneId } : pass
}

/** No more faults: everybody does what there is to do, and whoever must decide decides. */
async function heal(run: Run, pick: <Value>(values: readonly Value[]) => Value): Promise<void> {
  for (let passes = 0; passes < healPassesMax; passes += 1) {
    await settle(run)
    for (const [droneId, craft] of Object.entries(run.world.crafts)) {
      const health = droneOf(run.world.docs, droneId)?.health
      if (craft.wrecked && health !== 'grounded') await take(run, { do: 'health', droneId, to: 'grounded' })
      if (!craft.wrecked && health !== 'healthy') await take(run, { do: 'health', droneId, to: 'healthy' })
    }
    const open = run.orders.filter((orderId) => deliveryOf(run.world.docs, orderId).status !== 'ended')
    if (open.length === 0) return settle(run)
    for (const orderId of open) {
      if (isForPeople(run, orderId)) await decideAsPeople(run, orderId, pick)
      const delivery = deliveryOf(run.world.docs, orderId)
      if (passes < patiencePasses || !('flight' in delivery) || delivery.flight === null) continue
      if (!run.lost) throw new Broken(`${orderId} is still ${delivery.status} long after all healed`)
      await take(run, { do: 'health', droneId: delivery.flight.droneId, to: 'grounded' })
    }
    await take(run, { do: 'look-at-permits' })
    await take(run, { do: 'pass', ms: healPassMs })
  }
  const pending = run.orders.map((orderId) => `${orderId} ${deliveryOf(run.world.docs, orderId).status}`)
  throw new Broken(`after the heal: ${pending.join(', ')}`)
}

/** Does all the work that there is without time passing. */
async function settle(run: Run): Promise<void> {
  for (let count = 0; count < 2_000; count += 1) {
    let moved = false
    for (const step of work(run.world)) {
      moved = await take(run, step)
      if (moved) break
    }
    if (!moved) return
  }
  throw new Broken('the work never ends')
}

const reportsOf = ({ world }: Run): Message[] =>
  Object.entries(world.logs).flatMap(([name, log]) => (name.startsWith(`${topics.droneReports.name}/`) ? log : []))

/** Nothing that any drone can still say settles it: its drone is gone, or has said that it does not know. */
function isForPeople(run: Run, orderId: string): boolean {
  const delivery = deliveryOf(run.world.docs, orderId)
  if (delivery.status !== 'undecided') return false
  if (run.lost || run.world.crafts[delivery.flight.droneId]?.wrecked) return true
  const { itineraryId } = delivery.flight
  return reportsOf(run).some(({ type, data }) => type === 'parcel.unknown' && isOf(data, 'itineraryId', itineraryId))
}

const isOf = (data: unknown, field: string, value: string) =>
  typeof data === 'object' &&
  data !== null &&
  Object.entries(data).some(([name, one]) => name === field && one === value)

async function decideAsPeople(
  run: Run,
  orderId: string,
  pick: <Value>(values: readonly Value[]) => Value,
): Promise<void> {
  const came = run.world.letGo.some((one) => one.orderId === orderId)
  const recipientSpeaks = came && pick([true, false])
  await take(run, recipientSpeaks ? { do: 'state', orderId, came } : { do: 'close', orderId })
  await settle(run)
}

/** What customers were told is what happened. */
function judge({ world, orders }: Run): void {
  for (const orderId of orders) {
    const delivery = deliveryOf(world.docs, orderId)
    if (delivery.status !== 'ended') throw new Broken(`${orderId} is lost: ${delivery.status}`)
    const told = (world.logs[`${topics.deliveries.name}/${orderId}`] ?? []).map(({ type }) => type)
    const came = world.letGo.some((one) => one.orderId === orderId)
    if (told.includes('delivery.handed-over') && !came)
      throw new Broken(`${orderId} was told as handed over, and was not`)
    if (delivery.how === 'completed' && !came) throw new Broken(`${orderId} was completed without a hand-over`)
    if (delivery.how === 'cancelled' && came) throw new Broken(`${orderId} was cancelled, and handed over`)
    if (delivery.how === 'failed' && delivery.failed !== 'closed-by-operator' && came)
      throw new Broken(`${orderId} failed for ${delivery.failed}, and was handed over`)
  }
}

function reached({ world, conflicts }: Run): ReadonlySet<Landmark> {
  const all = Object.values(world.logs).flat()
  const told = (type: string, reason?: string) =>
    all.some((one) => one.type === type && (reason === undefined || isOf(one.data, 'reason', reason)))
  const found: Record<Landmark, boolean> = {
    'handed-over': told('delivery.handed-over'),
    're-dispatched': told('delivery.reassigned'),
    undecided: told('delivery.undecided'),
    'permit-refused': told('permit.refused'),
    expired: told('delivery.failed', 'no-drone-in-time'),
    cancelled: told('delivery.cancelled'),
    'parcel-unknown': told('parcel.unknown'),
    'closed-by-operator': told('delivery.failed', 'closed-by-operator'),
    conflict: conflicts > 0,
  }
  return new Set(landmarks.filter((landmark) => found[landmark]))
}

/** Plays `count` runs from `firstSeed` on, and counts those that reached each landmark. */
export async function playRuns(count: number, firstSeed: number): Promise<ReadonlyMap<Landmark, number>> {
  const counts = new Map<Landmark, number>(landmarks.map((landmark) => [landmark, 0]))
  for (let index = 0; index < count; index += 1) {
    for (const landmark of await playRun(String(firstSeed + index)))
      counts.set(landmark, (counts.get(landmark) ?? 0) + 1)
  }
  return counts
}
