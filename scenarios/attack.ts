/**
 * One attack, played and judged: a gateway of its own over the running stack, honest customers from addresses of theirs, attackers in a
 * process of their own, and what was seen on `security.alerts`. With a Snort on this machine it is the sensor, and the gateway's own
 * detector is off; else that one is, which the result says. The alerts of no other count.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OrderId } from '@fleet/contracts/ids'
import type { AttackRule, SecurityAlert } from '@fleet/contracts/security-alerts'
import { topics } from '@fleet/contracts/topics'
import { firstOrder } from '@fleet/local/first-calls'
import { REPOSITORY } from '@fleet/local/processes'
import { createBearer } from '@fleet/local/sign-in'
import { Kafka } from '@fleet/messaging/kafkajs'
import { logLevel } from 'kafkajs'
import { z } from 'zod'
import type { AttackOrders } from './attack-orders.ts'
import {
  type AttackRecord,
  type AttackSample,
  type AttackVerdict,
  detectedAt,
  type Felt,
  falseAlarms,
  type HeardAlert,
  judgeAttack,
} from './attack-verdict.ts'
import { type ExtraInstance, startExtraInstance } from './extra-instance.ts'
import { startHonest } from './honest.ts'
import { countDisturbed, countLost, flightsUnderWay, flyFar } from './order-fates.ts'
import type { Scenario, Step } from './scenario.ts'
import { detectorFor, startSensor, type Wanted } from './sensor.ts'
import type { Stage } from './stage.ts'

export const beforeMs = 4_000
const attackMs = 16_000
export const afterMs = 3_000
/** Orders of the honest customers: few at first, so that drones are left for what is to be under way when the attack comes. */
export const ordersMax = { before: 2, since: 60 } as const
const honestSources = Array.from({ length: 8 }, (_, index) => `127.1.0.${index + 1}`)
export const attackSources = Array.from({ length: 4 }, (_, index) => `127.0.0.${index + 2}`)
/** Where Gatling and the scenario's own calls come from. */
const here = '127.0.0.1'
const requestMsMax = 10_000

export type Attack = {
  name: string
  watch: string
  rule: AttackRule
  /** What the attackers live from: work done for them, or connections held. */
  of: 'served' | 'held'
  orders(
    bearer: string,
  ): Pick<AttackOrders, 'kind' | 'connections' | 'pauseMs' | 'path' | 'method' | 'headers' | 'body'>
  /** What the attacked gateway is told besides. */
  gateway?: Record<string, string>
  /** What runs beside the attack, such as a load: returns once it flows, and `finished` once it has ended as it should. */
  beside?: (gateway: ExtraInstance) => Promise<{ finished(): Promise<string> }>
  missing?: Scenario['missing']
}
export type AttackOptions = { mitigation: 'on' | 'off'; sensor: Wanted }

/** `attack` as a scenario: its bars hold, or it fails. */
export const attackScenario = (
  attack: Attack,
  options: AttackOptions = { mitigation: 'on', sensor: 'any' },
): Scenario => ({
  name: attack.name,
  watch: attack.watch,
  ...(attack.missing === undefined ? {} : { missing: attack.missing }),
  steps: async (stage, step) => {
    const { faults } = await playAttack(attack, stage, step, options)
    await step('the bars hold', () => assert(faults.length === 0, faults.join('; ')))
  },
})

/** Real time, unix milliseconds with fractions. */
export const now = () => performance.timeOrigin + performance.now()

/** Plays it, and judges; the steps tell what was seen, and do not fail by what it was. */
export async function playAttack(
  attack: Attack,
  stage: Stage,
  step: Step,
  { mitigation, sensor }: AttackOptions,
): Promise<AttackVerdict> {
  const { kafka, accounts } = stage.info()
  assert(accounts, 'the stack has no accounts')
  await using stack = new AsyncDisposableStack()
  const gateway = await step('a gateway of its own, and a sensor before it', async () => {
    const made = await startExtraInstance('gateway', stage.info(), {
      MITIGATION: mitigation,
      DETECTOR: detectorFor(sensor) === 'gateway' ? 'on' : 'off',
      IN_FLIGHT_MAX: '128',
      ...attack.gateway,
    })
    stack.defer(async () => void (await made.stop()))
    await stage.until('it to be ready', 0, made.isReady)
    return made
  })
  const port = Number(new URL(gateway.url).port)
  const eyes = await startSensor({ kafka: kafka.internal, gatewayPort: port, wanted: sensor })
  stack.defer(eyes.close)
  await step('the sensor is', () => eyes.name)
  const alerts = await listenForAlerts(kafka.internal)
  stack.defer(alerts.close)

  const bearer = createBearer(gateway.url, accounts.customer, () => performance.now())
  const asOperator = createBearer(gateway.url, accounts.operator, () => performance.now())
  // What a scenario leaves behind must not shut out the next one.
  stack.defer(() => release(gateway.url, asOperator))
  await release(gateway.url, asOperator)

  const order = JSON.stringify(await firstOrder(gateway.url, bearer))
  const honest = startHonest({
    port,
    sources: honestSources,
    bearer,
    account: accounts.customer,
    order,
    ordersMax: ordersMax.before,
    nowMs: now,
  })
  // What was ordered to see whether ordering works need not be flown, and would keep the next scenario's orders waiting.
  stack.defer(() => cancelAll(gateway.url, honest.accepted, bearer))
  stack.defer(honest.stop)
  await sleep(beforeMs)

  const { beside } = attack
  const load = beside && (await step('a load runs beside it', () => beside(gateway)))
  // A load has deliveries of its own under way, and needs the drones for them.
  if (load === undefined) await step('drones are on long flights', () => flyFar(stage))
  const orders = {
    ...attack.orders(await bearer()),
    host: here,
    port,
    sources: attackSources,
    requestsMax: 200_000,
    forMs: attackMs,
  }
  const underWay = await flightsUnderWay(stage)
  const attackedAtMs = now()
  if (load === undefined) honest.orderUpTo(ordersMax.since)
  const attackers = await runAttackers(orders)
  const attackEndedAtMs = now()
  await sleep(afterMs)
  await honest.stop()
  const endedAtMs = now()

  if (load) await step('the load had what it asks for', load.finished)
  const lost = await countLost(stage, honest.accepted)
  const disturbed = await step('the deliveries that were under way are over', () => countDisturbed(stage, underWay))
  const record: AttackRecord = {
    attackedAtMs,
    attackEndedAtMs,
    endedAtMs,
    detectedAtMs: detectedAt(alerts.heard, {
      rule: attack.rule,
      detector: eyes.detector,
      sources: attackSources,
      sinceMs: attackedAtMs,
    }),
    falseAlarms: falseAlarms(alerts.heard, [here, ...honestSources]),
    attackers,
    wanted: orders.connections * orders.sources.length,
    honest: honest.requests,
    orders: { accepted: honest.accepted.length, lost },
    deliveries: { underWay: underWay.length, disturbed },
  }
  const verdict = judgeAttack(record, attack.of)
  const raised = alerts.heard.map(({ alert }) => alert)
  await tell(step, verdict, record, raised)
  return verdict
}

async function tell(
  step: Step,
  { detectedMs, mitigatedMs, felt }: AttackVerdict,
  record: AttackRecord,
  alerts: SecurityAlert[],
) {
  const seconds = (ms: number | null) => (ms === null ? 'never' : `${(ms / 1_000).toFixed(1)} s`)
  const words = ({ requests, failed, p99Ms }: Felt) => `${failed} of ${requests} failed, 99th percentile ${p99Ms} ms`
  await step('detected, mitigated', () => `${seconds(detectedMs)}, ${seconds(mitigatedMs)}`)
  await step('the alerts', () => {
    const kinds = Map.groupBy(alerts, ({ rule, detector, confidence }) => `${rule} by ${detector} (${confidence})`)
    return [...kinds].map(([kind, some]) => `${some.length} × ${kind}`).join(', ') || 'none'
  })
  for (const phase of ['before', 'during', 'after'] as const)
    await step(`honest customers ${phase}`, () => words(felt[phase]))
  await step('the attackers had', () => {
    const served = record.attackers.reduce((sum, one) => sum + one.served, 0)
    return `${served} answers, at most ${Math.max(0, ...record.attackers.map(({ held }) => held))} connections held`
  })
  await step('orders', () => `${record.orders.accepted} accepted, ${record.orders.lost} lost`)
  await step('deliveries', () => `${record.deliveries.underWay} under way, ${record.deliveries.disturbed} disturbed`)
}

/** What is raised from now on, with when it was read. */
export async function listenForAlerts(brokers: string) {
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING })
  const consumer = kafka.consumer({ groupId: `attack-${randomUUID()}`, maxWaitTimeInMs: 100 })
  const heard: HeardAlert[] = []
  await consumer.connect()
  await consumer.subscribe({ topic: topics.securityAlerts.name, fromBeginning: false })
  const joined = once(consumerEvents(consumer), 'joined', { signal: AbortSignal.timeout(30_000) })
  await consumer.run({
    eachMessage: async ({ message }) => {
      const parsed = topics.securityAlerts.schema.safeParse(JSON.parse(message.value?.toString() ?? 'null'))
      if (parsed.success && heard.length < 10_000) heard.push({ alert: parsed.data.data, atMs: now() })
    },
  })
  await joined
  return { heard, close: () => consumer.disconnect() }
}

function consumerEvents(consumer: ReturnType<Kafka['consumer']>) {
  const events = new EventTarget()
  consumer.on(consumer.events.GROUP_JOIN, () => events.dispatchEvent(new Event('joined')))
  return events
}

const Sample = z.object({ atMs: z.number(), served: z.number(), held: z.number() })

/** Runs them to their end, which they find themselves, and gives what they had. */
async function runAttackers(orders: AttackOrders): Promise<AttackSample[]> {
  const child: ChildProcess = spawn(process.execPath, ['scenarios/attacker-main.ts'], {
    cwd: REPOSITORY,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  assert(child.stdout && child.stdin)
  child.stdin.end(JSON.stringify(orders)) // It names a token, which does not belong on a command line.
  const samples: AttackSample[] = []
  const late = setTimeout(() => child.kill('SIGKILL'), orders.forMs + 10_000)
  for await (const line of createInterface(child.stdout)) samples.push(Sample.parse(JSON.parse(line)))
  clearTimeout(late)
  return samples
}

/** Cancels these orders, as far as they may still be. */
export async function cancelAll(
  gateway: string,
  orderIds: readonly OrderId[],
  bearer: () => Promise<string>,
): Promise<void> {
  for (const orderId of orderIds)
    await fetch(`${gateway}/v1/orders/${orderId}/cancellation`, {
      method: 'POST',
      headers: { authorization: await bearer() },
      signal: AbortSignal.timeout(requestMsMax),
    }).then((response) => response.arrayBuffer())
}

/** Ends every denial and limit of this machine's attack addresses. */
async function release(gateway: string, bearer: () => Promise<string>): Promise<void> {
  for (const address of [...attackSources, ...honestSources])
    await fetch(`${gateway}/v1/deny-list/${address}`, {
      method: 'DELETE',
      headers: { authorization: await bearer() },
      signal: AbortSignal.timeout(requestMsMax),
    }).then((response) => response.arrayBuffer())
}
