/**
 * The contract, held against a running stack: every operation and every status that the document names is provoked, and
 * every answer is as it says. What a healthy stack does not answer comes from gateways of our own over the same stack:
 * one that lets hardly anybody in, one whose services hang, one that is cut off from services and database.
 */
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { createBearer } from '@fleet/local/sign-in'
import { databaseUri } from '@fleet/local/stack-environment'
import type { StackInfo } from '@fleet/local/stack-info'
import { waitUntil } from '@fleet/local/wait'
import { startExtraInstance } from '@fleet/scenarios/extra-instance'
import { MongoClient } from 'mongodb'
import { z } from 'zod'
import { readApi } from './document.ts'
import { unlimited } from './fuzz-stack.ts'
import {
  deniedAddresses,
  notProvoked,
  provokeFrontDoor,
  provokeLimits,
  provokeNotModified,
  provokeOutage,
  provokeTimeouts,
} from './provocations.ts'
import { createRecorder } from './recorder.ts'
import { tellAccounts, tellOperator, tellOrder } from './story.ts'

const readyMsMax = 60_000
const storyMsMax = 120_000
/** Addresses of this machine that nobody else calls from. */
const deniedFrom = (count: number) => Array.from({ length: count }, (_, index) => `127.0.9.${index + 1}`)
/** Nothing listens there. */
const nowhere = 'http://127.0.0.1:9'
const nowMs = () => performance.now()

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return z.object({ port: z.number() }).parse(server.address()).port
}

/** Takes calls and never answers. */
async function startHanging(): Promise<{ url: string; close(): void }> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => void sockets.add(socket.on('error', () => socket.destroy())))
  const url = `http://127.0.0.1:${await portOf(server)}`
  const close = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { url, close }
}

/** A way to the database's primary that can be cut. */
async function startCuttable(mongo: string): Promise<{ uri: string; cut(): void }> {
  const client = await MongoClient.connect(mongo)
  const { primary } = z.object({ primary: z.string() }).parse(await client.db('admin').command({ hello: 1 }))
  await client.close()
  const { hostname, port } = new URL(`tcp://${primary}`)
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    const onward = connect(Number(port), hostname)
    for (const each of [socket, onward]) sockets.add(each.on('error', () => each.destroy()))
    socket.pipe(onward).pipe(socket)
  })
  const uri = `mongodb://127.0.0.1:${await portOf(server)}/${new URL(databaseUri(`mongodb://${primary}/`, 'gateway').replace('mongodb:', 'http:')).pathname.slice(1)}?directConnection=true`
  const cut = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { uri, cut }
}

const services = (url: string) => ({ ORDER_URL: url, ITINERARY_URL: url, POSITION_URL: url, DRONE_HEALTH_URL: url })

export type Contract = { faults: string[]; unseen: string[]; calls: number }

/**
 * Plays it all, and says what was wrong and which part comes next; gives what broke the document, and which documented
 * statuses were not seen though nothing says why.
 */
export async function holdContract(info: StackInfo, say: (line: string) => void): Promise<Contract> {
  const { gateway, accounts, drone, mongo } = info
  if (gateway === undefined || accounts === undefined || drone === undefined)
    throw new Error('The stack has no gateway.')
  const api = readApi(await (await fetch(`${gateway}/openapi.json`)).json())
  const credentials = {
    customer: createBearer(gateway, accounts.customer, nowMs),
    operator: createBearer(gateway, accounts.operator, nowMs),
  }
  const recorder = createRecorder(api, gateway, credentials)
  const hanging = await startHanging()
  const database = await startCuttable(mongo)
  const [strict, waiting, cutOff] = await Promise.all([
    startExtraInstance('gateway', info, { RATE_PER_ADDRESS: '1' }),
    startExtraInstance('gateway', info, { ...unlimited, ...services(hanging.url), DOWNSTREAM_MS_MAX: '100' }),
    startExtraInstance('gateway', info, { ...unlimited, ...services(nowhere), MONGO_URI: database.uri }),
  ])
  const gateways = [strict, waiting, cutOff]
  let said = 0
  /** What was wrong is said at once: whoever breaks the run off has it. */
  const next = (part: string) => {
    for (const fault of recorder.faults.slice(said)) say(`FAIL ${fault}`)
    said = recorder.faults.length
    say(`${recorder.calls()} calls; ${part}`)
  }
  try {
    await Promise.all(
      gateways.map((one) => waitUntil('a gateway to be ready', one.isReady, { timeoutMs: readyMsMax, everyMs: 100 })),
    )
    const place = { lat: drone.base.lat + 0.0054, lon: drone.base.lon + 0.0051 }
    const waits = (what: string, holds: () => Promise<boolean>) =>
      waitUntil(what, holds, { timeoutMs: storyMsMax, everyMs: 500 }).then(() => undefined)
    /** A story that breaks off is a fault like another, and the rest is held all the same. */
    const told = <T>(story: Promise<T>): Promise<T | undefined> =>
      story.catch((error: unknown) => {
        recorder.faults.push(error instanceof Error ? error.message : String(error))
        return undefined
      })
    const order = told(tellOrder(recorder, place, waits))
    const day = told(tellOperator(recorder, { spare: drone.id, baseId: drone.base.baseId }, waits))
    next('the front door')
    const denied = deniedFrom(deniedAddresses(api))
    for (const address of denied) {
      const headers = { 'idempotency-key': randomUUID() }
      const body = { address, reason: 'a test of the contract', forS: 600 }
      await recorder.call('denyAddress', 201, { as: 'operator', headers, body })
    }
    await provokeFrontDoor(api, recorder, denied)
    next('rate limits')
    await provokeLimits(api, recorder, strict.url)
    next('an outage')
    // First of the services alone: what is written down before a service is asked needs the database.
    await provokeOutage(api, recorder, cutOff.url)
    database.cut()
    await provokeOutage(api, recorder, cutOff.url)
    next("an order's whole way")
    const known = { ...(await order), ...(await day) }
    next('deadlines')
    await provokeTimeouts(api, recorder, waiting.url, known)
    next('readings again')
    await provokeNotModified(api, recorder, known)
    next('accounts')
    await told(tellAccounts(recorder, accounts.customer))
    for (const address of denied) await recorder.call('allowAddress', 204, { as: 'operator', path: { address } })
    next('all was told')
  } finally {
    hanging.close()
    database.cut()
    for (const one of gateways) one.kill()
  }
  const excused = (one: string) => one in notProvoked || one.replace(/^\w+/, '*') in notProvoked
  return { faults: recorder.faults, unseen: recorder.unseen().filter((one) => !excused(one)), calls: recorder.calls() }
}
