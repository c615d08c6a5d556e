/** The product on a swarm: a service is updated under load and nobody notices, a bad version takes itself back, and tasks may die. */
import assert from 'node:assert/strict'
import { PumbaConfig, runPumba } from '@fleet/chaos/pumba'
import { docker } from '@fleet/local/docker-command'
import { firstOrder } from '@fleet/local/first-calls'
import { createBearer } from '@fleet/local/sign-in'
import { readConfig } from '@fleet/runtime/config'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'

const askEveryMs = 200
const requestMsMax = 15_000
/** World seconds: an update goes through two replicas, each of which must become ready and is then watched for half a minute. */
const updateWorldS = 2_400
const tasksWorldS = 1_800

const nameOf = ({ info }: Stage, service: string): string => `${info().swarm}_${service}`

/** Orders placed again and again, each with a key of its own, until it is stopped; gives what the answers were. */
async function askMeanwhile(stage: Stage, during: () => Promise<unknown>): Promise<Map<number, number>> {
  const { gateway = '', accounts } = stage.info()
  if (accounts === undefined) throw new Error('the stack has no accounts')
  const bearer = createBearer(gateway, accounts.customer, () => performance.now())
  const order = JSON.stringify(await firstOrder(gateway, bearer))
  const key = `swarm-${performance.now()}`
  const answers = new Map<number, number>()
  const ask = async () => {
    const headers = { authorization: await bearer(), 'content-type': 'application/json', 'idempotency-key': key }
    const signal = AbortSignal.timeout(requestMsMax)
    const { status } = await fetch(`${gateway}/v1/orders`, { method: 'POST', headers, body: order, signal })
    answers.set(status, (answers.get(status) ?? 0) + 1)
  }
  let isOver = false
  const load = (async () => {
    while (!isOver) {
      await ask().catch(() => answers.set(0, (answers.get(0) ?? 0) + 1))
      await new Promise((resolve) => {
        setTimeout(resolve, askEveryMs)
      })
    }
  })()
  try {
    await during()
  } finally {
    isOver = true
    await load
  }
  return answers
}

const update = (stage: Stage, ...args: string[]) =>
  docker('service', 'update', '--detach', '--no-resolve-image', ...args, nameOf(stage, 'order'))

const updateState = (stage: Stage): string =>
  docker(
    'service',
    'inspect',
    nameOf(stage, 'order'),
    '--format',
    '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}',
  ).trim()

const handOvers = ({ ledgerOf }: Stage, id: Parameters<Stage['ledgerOf']>[0]) =>
  ledgerOf(id).filter(({ event }) => event === 'handed-over').length

export const swarm: Scenario = {
  name: 'swarm',
  needs: 'swarm',
  watch:
    'Watch the order service be replaced while orders are placed: no request fails, and a bad version takes itself back.',
  steps: async (stage, step) => {
    const order = await step('a customer places an order', () => stage.customer.order())
    await step('it is delivered', () => order.reaches('closed').then(() => undefined))
    await step('there was one hand-over', () => assert.equal(handOvers(stage, order.id), 1))
    await step('the order service is updated under load, and no request fails', async () => {
      const answers = await askMeanwhile(stage, async () => {
        update(stage, '--env-add', 'FLEET_VERSION=2')
        await stage.until('the update to end', updateWorldS, async () => updateState(stage) === 'completed')
      })
      assert.deepEqual([...answers.keys()], [201], JSON.stringify([...answers]))
      return `${answers.get(201)} requests`
    })
    await step('a version that cannot start takes itself back, and no request fails', async () => {
      const answers = await askMeanwhile(stage, async () => {
        update(stage, '--env-add', 'KAFKA_BROKERS=nowhere')
        await stage.until('the update to be rolled back', updateWorldS, async () =>
          updateState(stage).startsWith('rollback_completed'),
        )
      })
      assert.deepEqual([...answers.keys()], [201], JSON.stringify([...answers]))
      return `${answers.get(201)} requests`
    })
    const last = await step('orders go on', () => stage.customer.order())
    await step('and are delivered', () => last.reaches('closed').then(() => undefined))
  },
}

/** Pumba kills a running task of a service; the swarm starts another. */
function killTask(stage: Stage, service: string): void {
  const filter = `label=com.docker.swarm.service.name=${nameOf(stage, service)}`
  const [container] = docker('ps', '--format', '{{.Names}}', '--filter', filter).split('\n')
  if (container === undefined || container === '') throw new Error(`${service} has no task on this node`)
  runPumba(readConfig(PumbaConfig).PUMBA_IMAGE, { do: 'kill', forS: 0 }, container)
}

const isWhole = (stage: Stage, service: string): boolean => {
  const replicas = docker('service', 'ls', '--format', '{{.Replicas}}', '--filter', `name=${nameOf(stage, service)}`)
  const [now, wanted] = replicas.trim().split(/[/ ]/)
  return now === wanted
}

export const swarmMonkey: Scenario = {
  name: 'swarm-monkey',
  needs: 'swarm',
  watch:
    'Watch tasks die in the middle of a delivery, a broker and the database primary among them: the swarm starts others, and the parcel arrives once.',
  steps: async (stage, step) => {
    const order = await step('a customer places an order', () => stage.customer.order())
    await step('a drone takes off with it', () => order.reaches('in-flight').then(() => undefined))
    for (const service of ['itinerary', 'kafka-2', 'mongo-1', 'order']) {
      await step(`a task of ${service} is killed`, () => killTask(stage, service))
    }
    await step('the parcel is handed over all the same', () => order.reaches('delivered').then(() => undefined))
    await step('the drone is home, and the order closed', () => order.reaches('closed').then(() => undefined))
    await step('there was one hand-over', () => assert.equal(handOvers(stage, order.id), 1))
    await step('the swarm is whole again by itself', async () => {
      for (const service of ['itinerary', 'kafka-2', 'mongo-1', 'order']) {
        await stage.until(`${service} to have all its tasks`, tasksWorldS, async () => isWhole(stage, service))
      }
    })
  },
}
