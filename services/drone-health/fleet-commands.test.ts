/** Commands to many, cancellation, grounding and release, by HTTP on the real replica set; nothing here needs a broker. */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { DroneCommandMessage } from '@fleet/contracts/drone-commands'
import { DroneHistoryReply } from '@fleet/contracts/flight-record'
import { BaseId, CommandId, DroneId, HostId } from '@fleet/contracts/ids'
import { DroneHealthsReply, FleetCommandReply, HealthAlertsReply } from '@fleet/contracts/rest'
import { topics } from '@fleet/contracts/topics'
import { UnixMs } from '@fleet/contracts/units'
import { type TestInfrastructure, testInfrastructure } from '@fleet/local/test-infrastructure'
import { openDatabase } from '@fleet/messaging/database'
import { createHealth } from '@fleet/runtime/health'
import { startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { fleetCommandRoutes } from './fleet-commands.ts'
import { healthRoutes } from './health-routes.ts'
import { createHealthStore } from './health-store.ts'
import { limitsAt } from './limits.ts'
import { droneRoutes } from './routes.ts'
import { HealthConfig } from './rules/thresholds.ts'
import { createDroneStore } from './store.ts'

const log = silentLog()
const atMs = UnixMs.parse(1_700_000_000_000)
const [home, away] = [BaseId.parse('bas_home'), BaseId.parse('bas_away')]
const place = { lat: 43.6, lon: 7 }

let infra: TestInfrastructure
beforeAll(async () => {
  infra = await testInfrastructure()
})

/** The routes over a database of their own, with two drones at home and one away. Nothing sends by itself. */
async function openService() {
  await using opened = new AsyncDisposableStack()
  const name = `fleet${randomUUID().replaceAll('-', '').slice(0, 12)}`
  const db = opened.adopt(await openDatabase(infra.mongoUri(name)), async (one) => {
    await one.connection.dropDatabase()
    await one.close()
  })
  const store = await createDroneStore(db)
  const health = await createHealthStore(db, store)
  const selfCheck = { fault: 'silent for 9 ms' as string | null }
  let nowMs = atMs
  const clock = { worldNow: () => nowMs }
  const routes = [
    ...droneRoutes({ store, clock }),
    ...fleetCommandRoutes({ db, store, clock, wake: () => undefined }),
    ...healthRoutes({
      drones: store,
      health,
      fault: () => selfCheck.fault,
      policy: limitsAt(1, HealthConfig.parse({})).policy,
      clock,
    }),
  ]
  const authenticate = () => ({ role: 'operator', sub: 'op' }) as const
  const options = { host: '127.0.0.1', port: 0, routes, authenticate, health: createHealth(), log }
  const http = opened.adopt(await startHttp(options), (one) => one.close())
  const cause = { correlationId: 'test', causationId: 'test' }
  for (const baseId of [home, away]) {
    const base = { baseId, name: baseId, place, rangeM: 9_000, payloadGMax: 2_500 }
    await db.transact((tx) => store.saveBase(base, tx))
  }
  const drones = { a: home, b: home, c: away }
  for (const [id, baseId] of Object.entries(drones)) {
    const droneId = DroneId.parse(`drn_${id}`)
    await store.enrol({ droneId, name: id, hostId: HostId.parse('host-a'), baseId, atMs }, cause)
  }
  const life = opened.move()
  return {
    db,
    store,
    selfCheck,
    setNow: (ms: UnixMs) => {
      nowMs = ms
    },
    ask: async (method: 'GET' | 'POST', path: string, body?: unknown, key?: string) => {
      const response = await fetch(`http://127.0.0.1:${http.port}${path}`, {
        method,
        headers: { 'content-type': 'application/json', ...(key === undefined ? {} : { 'idempotency-key': key }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: response.status, body: z.looseObject({}).parse(await response.json()) }
    },
    sentTo: async () => {
      const rows = await db.outbox.rows.find({ topic: topics.droneCommands.name }).lean()
      return rows.map(({ key }) => String(key)).toSorted()
    },
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  }
}

describe('a command to many', () => {
  it('has a part for each drone of the base, is sent part by part, and counts its progress', async () => {
    await using service = await openService()
    const first = await service.ask('POST', `/v1/bases/${home}/commands`, { kind: 'hold' }, 'k')
    const again = await service.ask('POST', `/v1/bases/${home}/commands`, { kind: 'hold' }, 'k')

    expect(first).toMatchObject({ status: 201, body: { total: 2, done: 0, byStatus: { queued: 2 } } })
    expect(again).toEqual(first)
    await service.store.sendQueued(50, atMs)
    const { commandId, items } = FleetCommandReply.parse(first.body)
    const after = await service.ask('GET', `/v1/fleet/commands/${commandId}`)
    expect(after.body).toMatchObject({ total: 2, byStatus: { sent: 2 } })
    expect(items.map(({ droneId }) => droneId)).toEqual(['drn_a', 'drn_b'])
    expect((await service.sentTo()).length).toBe(2)
  })

  it('reaches the whole fleet, and what is still queued can be cancelled', async () => {
    await using service = await openService()
    const { body } = await service.ask('POST', '/v1/fleet/commands', { kind: 'land' }, 'k')
    const { commandId, total } = FleetCommandReply.parse(body)
    await service.store.sendQueued(1, atMs)

    const cancelled = await service.ask('POST', `/v1/fleet/commands/${commandId}/cancellation`)

    expect(total).toBe(3)
    expect(cancelled.body).toMatchObject({ done: 2, byStatus: { sent: 1, cancelled: 2 } })
    await service.store.sendQueued(50, atMs)
    expect((await service.sentTo()).length).toBe(1)
  })

  it('cancels one queued part, and refuses to cancel what is sent', async () => {
    await using service = await openService()
    const { body } = await service.ask('POST', '/v1/fleet/commands', { kind: 'hold' }, 'k')
    const [a, b] = FleetCommandReply.parse(body).items
    await service.store.sendQueued(1, atMs)
    const [sent, queued] =
      (await service.store.findCommand(DroneId.parse('drn_a'), CommandId.parse(a?.commandId)))?.status === 'sent'
        ? [a, b]
        : [b, a]
    const cancel = (one: typeof a) =>
      service.ask('POST', `/v1/drones/${one?.droneId}/commands/${one?.commandId}/cancellation`)

    expect(await cancel(queued)).toMatchObject({ status: 200, body: { status: 'cancelled' } })
    expect(await cancel(sent)).toMatchObject({ status: 409, body: { code: 'command.sent-already' } })
  })

  it('is sent to each drone in the order of issue, also where several are queued', async () => {
    await using service = await openService()
    const kinds = ['hold', 'resume', 'land']
    for (const [later, kind] of kinds.entries()) {
      service.setNow(UnixMs.parse(atMs + later))
      await service.ask('POST', '/v1/fleet/commands', { kind }, kind)
    }

    await service.store.sendQueued(50, atMs)

    const rows = await service.db.outbox.rows.find({ topic: topics.droneCommands.name }).sort({ seq: 1 }).lean()
    const sentTo = (droneId: string) =>
      rows
        .filter(({ key }) => String(key) === droneId)
        .map(({ seq, value }) => [seq, DroneCommandMessage.parse(JSON.parse(String(value))).type])
    for (const droneId of ['drn_a', 'drn_b', 'drn_c']) {
      expect(sentTo(droneId)).toEqual(kinds.map((kind, index) => [index + 1, kind]))
    }
  })

  it('is not open for a drone that is revoked while it is sent', async () => {
    await using service = await openService()
    const droneId = DroneId.parse('drn_a')
    const { body } = await service.ask('POST', '/v1/fleet/commands', { kind: 'land' }, 'k')
    const commandId = FleetCommandReply.parse(body).items.find((one) => one.droneId === droneId)?.commandId
    const { publishAll } = service.db.outbox
    let revoking: Promise<unknown> | undefined
    service.db.outbox.publishAll = async (topic, drafts, session) => {
      if (topic.name === topics.droneCommands.name && revoking === undefined) {
        revoking = service.store.revoke({ droneId, atMs }, { correlationId: 'c', causationId: 'http' })
        // It is over by then, unless it has to wait for us.
        await Promise.race([revoking, wait(500)])
      }
      return publishAll(topic, drafts, session)
    }

    await service.store.sendQueued(50, atMs)

    expect(await revoking).toMatchObject({ ok: true })
    const command = await service.store.findCommand(droneId, CommandId.parse(commandId))
    expect(['unknown', 'refused']).toContain(command?.status)
  })

  it('expires unsent what has waited for longer than its time, and refuses an unknown base', async () => {
    await using service = await openService()
    await service.ask('POST', '/v1/fleet/commands', { kind: 'hold', ttlMs: 5_000 }, 'k')
    await service.store.sendQueued(50, UnixMs.parse(atMs + 5_001))
    expect(await service.sentTo()).toEqual([])
    const nowhere = await service.ask('POST', '/v1/bases/bas_none/commands', { kind: 'hold' }, 'k2')
    expect(nowhere).toMatchObject({ status: 404, body: { code: 'base.unknown' } })
  })
})

describe('an operator', () => {
  it('grounds a drone with a note, sees the alert, and releases it once it passes its self-check', async () => {
    await using service = await openService()
    const release = () => service.ask('POST', '/v1/drones/drn_a/release', { note: 'new rotor' })
    expect(await release()).toMatchObject({ status: 409, body: { code: 'drone.not-grounded' } })

    const grounded = await service.ask('POST', '/v1/drones/drn_a/grounding', { note: 'a crack' })
    expect(grounded).toMatchObject({ status: 200, body: { status: 'grounded' } })
    const alerts = HealthAlertsReply.parse((await service.ask('GET', '/v1/health/alerts')).body)
    expect(alerts.items).toMatchObject([
      { droneId: 'drn_a', evidence: { rule: 'operator', readings: { note: 'a crack' } } },
    ])
    expect(await release()).toMatchObject({
      status: 409,
      body: { code: 'drone.self-check-failed', value: 'silent for 9 ms' },
    })

    service.selfCheck.fault = null
    expect(await release()).toMatchObject({ status: 200, body: { status: 'healthy' } })
    const { items } = DroneHealthsReply.parse((await service.ask('GET', '/v1/health/drones')).body)
    expect(items.map(({ status }) => status)).toEqual(['healthy', 'healthy', 'healthy'])
    const told = await service.db.outbox.rows.countDocuments({ topic: topics.droneHealth.name })
    expect(told).toBe(2)
  })

  it('reads the history of one drone: each change of its health, each command with the times of its steps', async () => {
    await using service = await openService()
    await service.ask('POST', '/v1/drones/drn_a/grounding', { note: 'a crack' })
    service.selfCheck.fault = null
    await service.ask('POST', '/v1/drones/drn_a/release', { note: 'new rotor' })
    await service.ask('POST', '/v1/drones/drn_a/commands', { kind: 'hold' }, 'k')
    await service.ask('POST', '/v1/drones/drn_b/commands', { kind: 'hold' }, 'k')
    const history = (query: string) => service.ask('GET', `/v1/drones/drn_a/history?${query}`)

    const from = new Date(atMs).toISOString()
    const { health, commands, truncated } = DroneHistoryReply.parse((await history(`from=${from}`)).body)
    expect(health.map(({ from: before, to }) => [before, to])).toEqual([
      ['healthy', 'grounded'],
      ['grounded', 'healthy'],
    ])
    expect(commands).toMatchObject([
      {
        kind: 'hold',
        issuedBy: 'op',
        steps: [
          { status: 'queued', at: from },
          { status: 'sent', at: from },
        ],
      },
    ])
    expect(truncated).toBe(false)
    expect((await history(`from=1970-01-01T00:00:00Z&to=${from}`)).body).toMatchObject({ health: [], commands: [] })
    expect(await history('from=yesterday')).toMatchObject({ status: 400, body: { field: '/from' } })
  })

  it('is told what is wrong with a note that says nothing, an unknown drone, and a link that is up', async () => {
    await using service = await openService()
    const empty = await service.ask('POST', '/v1/drones/drn_a/grounding', { note: ' ' })
    expect(empty).toMatchObject({ status: 400, body: { code: 'request.invalid', field: '/note' } })
    const unknown = await service.ask('POST', '/v1/drones/drn_none/grounding', { note: 'why' })
    expect(unknown).toMatchObject({ status: 404, body: { code: 'drone.unknown' } })
    const up = await service.ask('POST', '/v1/health/link/judgement', { note: 'they fell' })
    expect(up).toMatchObject({ status: 409, body: { code: 'link.not-lost' } })
  })
})
