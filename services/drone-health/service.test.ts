import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { DroneReport } from '@fleet/contracts/drone-reports'
import { BaseId, type DroneId } from '@fleet/contracts/ids'
import { DroneCommandReply, DroneDetailReply, DroneReply } from '@fleet/contracts/rest'
import { topics } from '@fleet/contracts/topics'
import { UnixMs } from '@fleet/contracts/units'
import { type TestInfrastructure, testInfrastructure } from '@fleet/local/test-infrastructure'
import { createTopics } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { startConsumer } from '@fleet/messaging/consumer'
import { openDatabase } from '@fleet/messaging/database'
import { createDroneAuthenticator } from '@fleet/messaging/drone-authenticator'
import { deriveDroneKey, droneMac, keyVersionHeader, macHeader } from '@fleet/messaging/drone-mac'
import { createKafka } from '@fleet/messaging/kafka'
import { startRegistryView } from '@fleet/messaging/registry-view'
import { startRelay } from '@fleet/messaging/relay'
import { createHealth } from '@fleet/runtime/health'
import { startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { droneHealthSubscriptions } from './consume.ts'
import { createHealthStore } from './health-store.ts'
import { droneRoutes } from './routes.ts'
import { createDroneStore } from './store.ts'

const log = silentLog()
const fleetSecret = Buffer.alloc(32, 3)
const baseId = BaseId.parse('bas_home')
const base = { baseId, name: 'home', place: { lat: 43.6, lon: 7 }, rangeM: 9_000, payloadGMax: 2_500 }
/** Ids are fresh, since the topics are everyone's. */
const fresh = () => randomUUID().replaceAll('-', '').slice(0, 12)

let infra: TestInfrastructure
beforeAll(async () => {
  infra = await testInfrastructure()
  // Brokers that have just started may not know at once what they made: made again, it is there.
  await createTopics(infra.kafkaInner)
})

/** The whole service on the real broker and database, in a database of its own; what it says stays there where it relays nothing. */
async function openService({ relays = true } = {}) {
  await using opened = new AsyncDisposableStack()
  const own = <T>(part: T, close: (part: T) => Promise<unknown>): T =>
    opened.adopt(part, async (one) => void (await close(one)))
  const name = `drone_health_${fresh()}`
  const db = own(await openDatabase(infra.mongoUri(name)), async (one) => {
    await one.connection.dropDatabase()
    await one.close()
  })
  const kafka = createKafka({ brokers: infra.kafkaInner, clientId: name, log })
  const store = await createDroneStore(db)
  await db.transact((tx) => store.saveBase(base, tx))
  if (relays) own(startRelay({ db, kafka, log }), (one) => one.close())
  const http = own(
    await startHttp({
      host: '127.0.0.1',
      port: 0,
      routes: droneRoutes({
        store,
        clock: { worldNow: () => UnixMs.parse(1_700_000_000_000) },
        baseMsMax: 200,
      }),
      authenticate: () => ({ role: 'operator', sub: 'op' }),
      health: createHealth(),
      log,
    }),
    (one) => one.close(),
  )
  const registry = own(await startRegistryView({ kafka, name, log }), (one) => one.close())
  const authenticator = createDroneAuthenticator({ registry, fleetSecret })
  const facts = await createHealthStore(db, store)
  const worldOf = (realMs: number) => UnixMs.parse(realMs)
  const subscriptions = droneHealthSubscriptions({ store, facts, authenticator, worldOf, log }).filter(
    ({ topic }) => topic === topics.droneReports.name, // `airspace` is everyone's, with the test data of others in it.
  )
  own(await startConsumer({ kafka, db, group: name, subscriptions, log }), (one) => one.close())
  const producer = own(kafka.producer(), (one) => one.disconnect())
  await producer.connect()

  const ask = async (
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
    signal: AbortSignal | null = null,
  ) => {
    const response = await fetch(`http://127.0.0.1:${http.port}${path}`, {
      method,
      signal,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: z.looseObject({}).parse(await response.json()) }
  }
  const life = opened.move()
  return {
    kafka,
    facts,
    ask,
    enrol: async () => {
      const { status, body } = await ask('POST', '/v1/drones', { name: `d-${fresh()}`, hostId: 'host-a', baseId })
      if (status !== 201) throw new Error(`enrolment answered ${status}`)
      return DroneReply.parse(body)
    },
    command: (droneId: DroneId, body: unknown, key: string) =>
      ask('POST', `/v1/drones/${droneId}/commands`, body, { 'idempotency-key': key }),
    report: async (droneId: DroneId, seq: number, body: Pick<DroneReport, 'type' | 'data'>) => {
      const envelope = {
        id: `msg_${fresh()}`,
        version: 1,
        at: 1_700_000_000_000 + seq,
        correlationId: 'c',
        causationId: 'c',
      }
      const value = Buffer.from(JSON.stringify({ ...envelope, key: droneId, seq, ...body }))
      const topic = topics.droneReports.name
      const mac = droneMac(deriveDroneKey(fleetSecret, droneId, 1), { topic, key: droneId, value }).toString('hex')
      const headers = { [macHeader]: mac, [keyVersionHeader]: '1' }
      await producer.send({ topic, acks: -1, messages: [{ key: droneId, value, headers }] })
    },
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  }
}

const booted = (droneId: DroneId, boot: number): Pick<DroneReport, 'type' | 'data'> => ({
  type: 'booted',
  data: { droneId, boot, before: null, place: base.place, batteryPct: 80, landed: true, itinerary: null },
})

describe('the drone-health service', () => {
  it('enrols a drone, tells the registry, and refuses the name and an unknown base', async () => {
    await using service = await openService()
    const drone = await service.enrol()
    const registry = await startRegistryView({ kafka: service.kafka, name: 'test', log })

    await waitUntil(
      'the registry entry',
      async () => {
        await registry.catchUp()
        return registry.get(drone.droneId)?.name === drone.name
      },
      { timeoutMs: 30_000 },
    )
    await registry.close()

    const taken = await service.ask('POST', '/v1/drones', { name: drone.name, hostId: 'host-b', baseId })
    expect(taken).toMatchObject({ status: 409, body: { code: 'drone.name-taken', value: drone.name } })
    const nowhere = await service.ask('POST', '/v1/drones', { name: 'x', hostId: 'host-b', baseId: 'bas_none' })
    expect(nowhere).toMatchObject({ status: 404, body: { code: 'base.unknown', field: '/baseId' } })
    expect((await service.ask('GET', '/v1/drones')).body).toEqual({ items: [drone] })
  })

  it('answers an enrolment before its caller gives up, though no broker takes what it says', async () => {
    await using service = await openService({ relays: false })
    const waitsMs = 8_000
    const late = AbortSignal.timeout(waitsMs)

    const body = { name: `d-${fresh()}`, hostId: 'host-a', baseId }
    const enrolled = await service.ask('POST', '/v1/drones', body, { 'x-deadline-ms': `${waitsMs}` }, late)

    expect(enrolled).toMatchObject({ status: 201, body: { name: body.name } })
  })

  it('gives a name to one of two drones that are enrolled at once', async () => {
    await using service = await openService()
    const body = { name: `d-${fresh()}`, hostId: 'host-a', baseId }

    const replies = await Promise.all([1, 2, 3].map(() => service.ask('POST', '/v1/drones', body)))

    expect(replies.map(({ status }) => status).toSorted()).toEqual([201, 409, 409])
  })

  it('enrols once where the request is sent again, and refuses another drone under its key', async () => {
    await using service = await openService()
    const body = { name: `d-${fresh()}`, hostId: 'host-a', baseId }
    const enrol = (more: object) =>
      service.ask('POST', '/v1/drones', { ...body, ...more }, { 'idempotency-key': 'one' })

    const first = await enrol({})

    expect([first.status, await enrol({})]).toEqual([201, first])
    expect(await enrol({ name: `d-${fresh()}` })).toMatchObject({
      status: 422,
      body: { code: 'idempotency.key-reused' },
    })
  })

  it('sends a reboot that names the last boot, and follows it to its end by the reports', async () => {
    await using service = await openService()
    const { droneId } = await service.enrol()
    const early = await service.command(droneId, { kind: 'reboot' }, 'early')
    expect(early).toMatchObject({ status: 409, body: { code: 'drone.never-booted' } })

    await service.report(droneId, 1, booted(droneId, 4))
    const detail = async () => DroneDetailReply.parse((await service.ask('GET', `/v1/drones/${droneId}`)).body)
    await waitUntil('the boot', async () => (await detail()).seen?.boot === 4, { timeoutMs: 30_000 })
    const command = DroneCommandReply.parse((await service.command(droneId, { kind: 'reboot' }, 'once')).body)
    expect(command).toMatchObject({ status: 'sent', endsBoot: 4, ttlMs: 60_000 })

    const path = `/v1/drones/${droneId}/commands/${command.commandId}`
    const status = async () => DroneCommandReply.parse((await service.ask('GET', path)).body).status
    const about = { droneId, commandId: command.commandId, commandSeq: 1 }
    await service.report(droneId, 2, { type: 'command.acknowledged', data: { ...about, boot: 4 } })
    await waitUntil('acknowledged', async () => (await status()) === 'acknowledged', { timeoutMs: 30_000 })
    await service.report(droneId, 3, booted(droneId, 5))
    await waitUntil('in progress', async () => (await status()) === 'in-progress', { timeoutMs: 30_000 })
    await service.report(droneId, 4, { type: 'command.finished', data: { ...about, boot: 5, outcome: 'succeeded' } })
    await waitUntil('the end', async () => (await status()) === 'succeeded', { timeoutMs: 30_000 })
    expect((await detail()).seen).toMatchObject({ report: 'command.finished', boot: 5, batteryPct: 80, landed: true })
  })

  it('ends as unknown what a drone passed over, once it answers a later command', async () => {
    await using service = await openService()
    const { droneId } = await service.enrol()
    const issue = async (key: string) =>
      DroneCommandReply.parse((await service.command(droneId, { kind: 'resume' }, key)).body).commandId
    const status = async (commandId: string) =>
      DroneCommandReply.parse((await service.ask('GET', `/v1/drones/${droneId}/commands/${commandId}`)).body).status
    const [lost, heard, later] = [await issue('lost'), await issue('heard'), await issue('later')]
    const about = { droneId, boot: 1, commandId: heard, commandSeq: 2 }

    await service.report(droneId, 1, { type: 'command.acknowledged', data: about })

    await waitUntil('the answer', async () => (await status(heard)) === 'acknowledged', { timeoutMs: 30_000 })
    expect([await status(lost), await status(later)]).toEqual(['unknown', 'sent'])
  })

  it('knows of a drone that it holds, from when it says so until it goes on or starts anew', async () => {
    await using service = await openService()
    const { droneId } = await service.enrol()
    await service.report(droneId, 1, booted(droneId, 1))
    const boot = async () =>
      DroneDetailReply.parse((await service.ask('GET', `/v1/drones/${droneId}`)).body).seen?.boot ?? 0
    await waitUntil('the first boot', async () => (await boot()) === 1, { timeoutMs: 30_000 })
    let seq = 1
    let commandSeq = 0
    const obey = async (kind: 'hold' | 'resume') => {
      const { body } = await service.command(droneId, { kind }, `${kind}-${seq}`)
      const { commandId } = DroneCommandReply.parse(body)
      commandSeq += 1
      const about = { droneId, commandId, commandSeq, boot: 1 }
      await service.report(droneId, ++seq, { type: 'command.acknowledged', data: about })
      await service.report(droneId, ++seq, { type: 'command.finished', data: { ...about, outcome: 'succeeded' } })
    }
    const hold = async () => {
      const known = (await service.facts.facts()).get(droneId)
      return { held: known?.held ?? false, over: (known?.heldUntilMs ?? null) !== null }
    }
    const comesTo = (what: string, wanted: Awaited<ReturnType<typeof hold>>) =>
      waitUntil(what, async () => isDeepStrictEqual(await hold(), wanted), { timeoutMs: 30_000 })

    await obey('hold')
    await comesTo('the hold', { held: true, over: false })
    await obey('resume')
    await comesTo('its end', { held: false, over: true })
    await obey('hold')
    await comesTo('the second hold', { held: true, over: true })
    await service.report(droneId, ++seq, booted(droneId, 2))
    await comesTo('its end by a boot', { held: false, over: true })
  })

  it('makes one command of a repeated request, and refuses the key for another', async () => {
    await using service = await openService()
    const { droneId } = await service.enrol()

    const first = await service.command(droneId, { kind: 'hold' }, 'k')
    const again = await service.command(droneId, { kind: 'hold' }, 'k')
    const other = await service.command(droneId, { kind: 'land' }, 'k')
    const keyless = await service.ask('POST', `/v1/drones/${droneId}/commands`, { kind: 'hold' })

    expect(first.status).toBe(201)
    expect(again).toEqual(first)
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency.key-reused' } })
    expect(keyless).toMatchObject({ status: 400, body: { code: 'idempotency.key-missing' } })
  })

  it('revokes a drone: its open commands are unknown and it takes no more', async () => {
    await using service = await openService()
    const { droneId } = await service.enrol()
    const { body } = await service.command(droneId, { kind: 'hold' }, 'k')
    const { commandId } = DroneCommandReply.parse(body)

    const revoked = await service.ask('POST', `/v1/drones/${droneId}/revocation`)

    expect(DroneReply.parse(revoked.body).revokedAt).not.toBeNull()
    const found = await service.ask('GET', `/v1/drones/${droneId}/commands/${commandId}`)
    expect(found.body).toMatchObject({ status: 'unknown' })
    const next = await service.command(droneId, { kind: 'hold' }, 'next')
    expect(next).toMatchObject({ status: 409, body: { code: 'drone.revoked' } })
  })
})
