/**
 * A SYN flood from a network namespace that the scenario makes: its hundreds of addresses begin connections and never answer, since the
 * namespace drops what comes back. Only a sensor sees it: no connection of it ever reaches the gateway. Nobody is denied for it, because its
 * addresses prove nothing; the kernel's SYN cookies keep the door open.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { runCommand } from '@fleet/local/command'
import { firstOrder } from '@fleet/local/first-calls'
import { createBearer } from '@fleet/local/sign-in'
import { afterMs, beforeMs, cancelAll, listenForAlerts, now, ordersMax } from './attack.ts'
import { detectedAt, falseAlarms, judgeUnfelt } from './attack-verdict.ts'
import { startExtraInstance } from './extra-instance.ts'
import { startHonest } from './honest.ts'
import { countDisturbed, countLost, flightsUnderWay, flyFar } from './order-fates.ts'
import type { Scenario } from './scenario.ts'
import { missingSnort, startSensor } from './sensor.ts'

const commandMs = { timeoutMs: 10_000 }
/** A network for tests between machines (RFC 2544), on this machine alone. */
const net = {
  namespace: 'fleet-syn',
  here: 'fleet-syn-a',
  there: 'fleet-syn-b',
  gateway: '198.18.0.1',
  sources: '198.18.1',
}
const sourcesMax = 200
const floodSources = Array.from({ length: sourcesMax }, (_, index) => `${net.sources}.${index + 1}`)
const floodMs = 12_000
const honestSources = Array.from({ length: 6 }, (_, index) => `127.1.0.${index + 1}`)

const ip = (...args: string[]) => runCommand('ip', args, commandMs)
const inside = (...args: string[]) => runCommand('ip', ['netns', 'exec', net.namespace, ...args], commandMs)

async function missing(): Promise<string | null> {
  const noSnort = missingSnort()
  if (noSnort !== null) return noSnort
  const made = await ip('netns', 'add', `${net.namespace}-probe`)
  if (made.failed !== undefined) return 'it may not make network namespaces: it needs Linux, iproute2 and root'
  await ip('netns', 'del', `${net.namespace}-probe`)
  const tables = await runCommand('iptables', ['--version'], commandMs)
  return tables.failed === undefined ? null : 'there is no iptables, with which the flood drops what is answered'
}

/** Makes the namespace and its wires; gives how to unmake them. */
async function makeNetwork(): Promise<() => Promise<void>> {
  const unmake = async () => {
    await ip('link', 'del', net.here)
    await ip('netns', 'del', net.namespace)
  }
  await unmake() // What an earlier run left, that was killed.
  const must = async (result: ReturnType<typeof ip>) => {
    const { failed, stderr } = await result
    if (failed !== undefined) throw new Error(stderr || failed)
  }
  try {
    await must(ip('netns', 'add', net.namespace))
    await must(ip('link', 'add', net.here, 'type', 'veth', 'peer', 'name', net.there, 'netns', net.namespace))
    await must(ip('addr', 'add', `${net.gateway}/16`, 'dev', net.here))
    await must(ip('link', 'set', net.here, 'up'))
    for (const source of floodSources) await must(inside('ip', 'addr', 'add', `${source}/16`, 'dev', net.there))
    await must(inside('ip', 'link', 'set', net.there, 'up'))
    // What is answered is dropped: no handshake is ever completed, nor refused.
    await must(inside('iptables', '-A', 'INPUT', '-p', 'tcp', '-j', 'DROP'))
  } catch (error) {
    await unmake()
    throw error
  }
  return unmake
}

/** Connects from each address again and again, without end but `floodMs`. */
const flooder = (port: number) => `
  const { connect } = require('node:net')
  const endsAt = performance.now() + ${floodMs}
  let sent = 0
  const tick = setInterval(() => {
    if (performance.now() > endsAt || sent > 40000) { clearInterval(tick); return setTimeout(() => process.exit(0), 200) }
    for (let n = 0; n < 40; n++) {
      const socket = connect({ host: '${net.gateway}', port: ${port}, localAddress: '${net.sources}.' + (1 + (sent++ % ${sourcesMax})) })
      socket.on('error', () => undefined)
      setTimeout(() => socket.destroy(), 400)
    }
  }, 50)`

export const synFlood: Scenario = {
  name: 'ddos-syn',
  watch:
    'Watch hundreds of addresses begin connections and never answer: the sensor tells it, nobody is denied, and all are served.',
  missing,
  steps: async (stage, step) => {
    const { kafka, accounts } = stage.info()
    assert(accounts, 'the stack has no accounts')
    await using stack = new AsyncDisposableStack()
    await step('a network namespace, and a gateway that it reaches', async () => void stack.defer(await makeNetwork()))
    const gateway = await startExtraInstance('gateway', stage.info(), { HTTP_HOST: net.gateway, DETECTOR: 'off' })
    stack.defer(async () => void (await gateway.stop()))
    const port = Number(new URL(gateway.url).port)
    const url = `http://${net.gateway}:${port}`
    await stage.until('it to be ready', 0, async () => (await fetch(`${url}/health/ready`)).ok)
    const sensor = await startSensor({ kafka: kafka.internal, gatewayPort: port, wanted: 'snort', device: net.here })
    stack.defer(sensor.close)
    const alerts = await listenForAlerts(kafka.internal)
    stack.defer(alerts.close)
    const bearer = createBearer(url, accounts.customer, () => performance.now())
    const order = JSON.stringify(await firstOrder(url, bearer))
    const honest = startHonest({
      host: net.gateway,
      port,
      sources: honestSources,
      bearer,
      account: accounts.customer,
      order,
      ordersMax: ordersMax.before,
      nowMs: now,
    })
    stack.defer(() => cancelAll(url, honest.accepted, bearer))
    stack.defer(honest.stop)
    await sleep(beforeMs)
    await step('drones are on long flights', () => flyFar(stage))
    const underWay = await flightsUnderWay(stage)
    const attackedAtMs = now()
    honest.orderUpTo(ordersMax.since)
    await step('the flood', async () => {
      const args = ['netns', 'exec', net.namespace, process.execPath, '-e', flooder(port)]
      const child = spawn('ip', args, { stdio: 'ignore' })
      const late = setTimeout(() => child.kill('SIGKILL'), floodMs + 5_000)
      const [code] = await once(child, 'exit')
      clearTimeout(late)
      assert.equal(code, 0, 'it did not come to its end')
    })
    const attackEndedAtMs = now()
    await sleep(afterMs)
    await honest.stop()
    const endedAtMs = now()

    const lost = await countLost(stage, honest.accepted)
    const disturbed = await step('the deliveries that were under way are over', () => countDisturbed(stage, underWay))
    const { detectedMs, served, faults } = judgeUnfelt({
      attackedAtMs,
      attackEndedAtMs,
      endedAtMs,
      detectedAtMs: detectedAt(alerts.heard, {
        rule: 'syn-flood',
        detector: sensor.detector,
        sources: floodSources,
        sinceMs: attackedAtMs,
      }),
      falseAlarms: falseAlarms(alerts.heard, ['127.0.0.1', net.gateway, ...honestSources]),
      honest: honest.requests,
      orders: { accepted: honest.accepted.length, lost },
      deliveries: { underWay: underWay.length, disturbed },
    })
    await step('detected', () => (detectedMs === null ? 'never' : `after ${(detectedMs / 1_000).toFixed(1)} s`))
    await step('honest customers', () => `${served.failed} of ${served.requests} failed`)
    await step('orders', () => `${honest.accepted.length} accepted, ${lost} lost`)
    await step('deliveries', () => `${underWay.length} under way, ${disturbed} disturbed`)
    await step('the bars hold', () => assert(faults.length === 0, faults.join('; ')))
    await step('nobody is denied for addresses that prove nothing', async () => {
      const { status, body } = await stage.get('/v1/deny-list')
      assert.equal(status, 200)
      assert(!JSON.stringify(body).includes(net.sources), JSON.stringify(body))
    })
  },
}
