import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CustomerId, OrderId } from '@fleet/contracts/ids'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { waitUntil } from '@fleet/local/wait'
import { type Database, openDatabase } from '@fleet/messaging/database'
import { silentLog } from '@fleet/runtime/log'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { createAccounts } from './accounts.ts'
import { createApiKeys } from './api-keys.ts'
import { createAudit } from './audit.ts'
import { startDenyList } from './deny-list.ts'
import { createSessions } from './sessions.ts'
import { createStreamTickets, ticketMsMax } from './stream-tickets.ts'
import { customer, operator } from './testing/doubles.ts'
import { createTrackingLinks } from './tracking.ts'

const secret = Buffer.alloc(32, 7)
const anna = CustomerId.parse('cus_anna')
const ben = CustomerId.parse('cus_ben')
const startMs = Date.parse('2027-01-01T00:00:00Z')
let ms = startMs
const nowMs = () => ms
let db: Database
let folder: string
beforeAll(async () => {
  const infra = await testInfrastructure()
  db = await openDatabase(infra.mongoUri(`gateway_${randomUUID().slice(0, 8)}`))
  folder = await mkdtemp(join(tmpdir(), 'gateway-accounts-'))
}, 60_000)
afterAll(async () => {
  await db.connection.dropDatabase()
  await db.close()
})

describe('accounts', () => {
  const First = z.object({ operator: z.object({ user: z.string(), password: z.string() }) })

  it('are made once, with passwords that stand in a file of their owner alone and nowhere else', async () => {
    const accounts = await createAccounts(db)
    const file = join(folder, 'accounts.json')

    const made = await Promise.all([accounts.makeFirst(file), accounts.makeFirst(file)])
    const { user, password } = First.parse(JSON.parse(await readFile(file, 'utf8'))).operator

    expect(made.toSorted()).toEqual(['made', 'there already'])
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await accounts.check(user, password)).toEqual({ role: 'operator', sub: 'operator' })
    expect(JSON.stringify(await db.connection.collection('accounts').find().toArray())).not.toContain(password)
  })

  it('let nobody in with another password or as nobody', async () => {
    const accounts = await createAccounts(db)

    expect(await accounts.check('operator', 'guess')).toBeNull()
    expect(await accounts.check('nobody', '')).toBeNull()
  })
})

describe('a session', () => {
  it('goes on with each next refresh token, and ends for good where one is shown twice', async () => {
    const sessions = await createSessions(db, nowMs)
    const first = await sessions.begin(customer)

    const second = await sessions.refresh(first)
    const again = await sessions.refresh(first)
    const third = await sessions.refresh(second?.refreshToken ?? '')

    expect(second).toMatchObject({ caller: customer })
    expect([again, third]).toEqual([null, null])
  })

  it('gives one next token alone to two that show the same at once', async () => {
    const sessions = await createSessions(db, nowMs)
    const token = await sessions.begin(operator)

    const both = await Promise.all([sessions.refresh(token), sessions.refresh(token)])

    expect(both.filter((one) => one !== null).length).toBeLessThanOrEqual(1)
  })

  it('is over once it was ended, and after a fortnight', async () => {
    const sessions = await createSessions(db, nowMs)
    const [ended, old] = [await sessions.begin(operator), await sessions.begin(operator)]

    await sessions.end(ended)
    ms += 15 * 86_400_000

    expect([await sessions.refresh(ended), await sessions.refresh(old)]).toEqual([null, null])
  })
})

describe('API keys', () => {
  it('open the door for their owner until revoked, and are kept as hashes', async () => {
    const keys = await createApiKeys(db, secret, nowMs)
    const outcome = await keys.make({ owner: anna, name: 'shop', idempotencyKey: 'one' })
    if (!outcome.ok) throw new Error(outcome.refusal.code)
    const { key, reply } = outcome.made

    expect(await keys.callerOf(key)).toEqual({ role: 'customer', sub: anna })
    expect(await keys.list(ben)).toEqual([])
    expect(JSON.stringify(await db.connection.collection('api_keys').find().toArray())).not.toContain(key)
    expect([await keys.revoke(ben, reply.id), await keys.revoke(anna, reply.id)]).toEqual([false, true])
    expect(await keys.callerOf(key)).toBeNull()
  })

  it('are the same for a repeated request, and refused for another body under its key', async () => {
    const keys = await createApiKeys(db, secret, nowMs)
    const first = await keys.make({ owner: ben, name: 'shop', idempotencyKey: 'one' })

    expect(await keys.make({ owner: ben, name: 'shop', idempotencyKey: 'one' })).toEqual(first)
    expect(await keys.make({ owner: ben, name: 'till', idempotencyKey: 'one' })).toMatchObject({
      refusal: { code: 'idempotency.key-reused' },
    })
  })

  it('do not come back where the request that made them is sent again after they were revoked', async () => {
    const keys = await createApiKeys(db, secret, nowMs)
    const made = await keys.make({ owner: ben, name: 'old', idempotencyKey: 'leaked' })
    if (!made.ok) throw new Error(made.refusal.code)
    await keys.revoke(ben, made.made.reply.id)

    const again = await keys.make({ owner: ben, name: 'old', idempotencyKey: 'leaked' })

    expect(again).toMatchObject({ refusal: { code: 'api-key.revoked' } })
    expect(await keys.callerOf(made.made.key)).toBeNull()
  })
})

describe('a stream ticket', () => {
  it('serves once, and not after half a minute', async () => {
    const tickets = await createStreamTickets(db, secret, nowMs)
    const [used, late] = [await tickets.make(operator, 'one'), await tickets.make(customer, 'one')]

    expect([await tickets.use(used.ticket), await tickets.use(used.ticket)]).toEqual([operator, null])
    expect(await tickets.make(operator, 'one')).toEqual(used)
    expect(await tickets.use(used.ticket)).toBeNull()
    ms += ticketMsMax
    expect(await tickets.use(late.ticket)).toBeNull()
  })
})

describe('a tracking link', () => {
  it('stands for one order, and is the same for a repeated request', async () => {
    const links = await createTrackingLinks(db, secret, nowMs)
    const of = { orderId: OrderId.parse('ord_1'), customerId: anna }
    const token = await links.make({ ...of, idempotencyKey: 'one' })

    expect(await links.make({ ...of, idempotencyKey: 'one' })).toBe(token)
    expect(await links.find(token)).toEqual(of)
    expect(await links.find('x'.repeat(43))).toBeNull()
  })
})

describe('the audit log', () => {
  it('is read newest first, page by page', async () => {
    const audit = await createAudit(db, nowMs)
    for (const target of ['a', 'b', 'c']) await audit.write({ who: 'op', what: 'act', target, from: '::1' })

    const first = await audit.page({ limit: 2, cursor: undefined })
    const second = await audit.page({ limit: 2, cursor: first?.next ?? undefined })

    expect(first?.items.map(({ target }) => target)).toEqual(['c', 'b'])
    expect(second).toMatchObject({ items: [{ target: 'a' }], next: null })
    expect(await audit.page({ limit: 2, cursor: 'nonsense' })).toBeNull()
  })
})

describe('the deny list', () => {
  it('holds at every gateway, until its time or a person ends it', async () => {
    const here = await startDenyList(db, nowMs, silentLog())
    const denial = { address: '10.0.0.9', reason: 'scan', forS: 60 }
    const first = await here.treat('deny', denial, 'request-1')
    ms += 1_000
    expect(await here.treat('deny', denial, 'request-1')).toEqual(first)
    expect(await here.treat('deny', { ...denial, forS: 9 }, 'request-1')).toMatchObject({
      refusal: { code: 'idempotency.key-reused' },
    })
    await here.treat('allow', { address: '10.0.0.8', reason: 'our own', forS: 60 })
    const there = await startDenyList(db, nowMs, silentLog())

    expect(there.list('deny', 'limit')).toMatchObject([{ address: '10.0.0.9', reason: 'scan' }])
    expect(there.treatmentOf('::ffff:10.0.0.8')?.treatment).toBe('allow')
    ms += 60_000
    expect(there.list('deny', 'limit', 'allow')).toEqual([])
    const release = () => here.release('10.0.0.9', ['deny', 'limit'])
    expect([await release(), await release()]).toEqual([true, false])
    expect(await here.release('10.0.0.8', ['deny', 'limit'])).toBe(false)
    await here.close()
    await there.close()
  })

  it('holds here what the database has not confirmed, through its readings, until a person ends it', async () => {
    const [here, there] = [await startDenyList(db, nowMs, silentLog()), await startDenyList(db, nowMs, silentLog())]
    const denial = { address: '10.0.0.7', reason: 'not to be written', forS: 60 }
    await db.connection.db?.command({ collMod: 'deny_list', validator: { reason: { $ne: denial.reason } } })

    await expect(here.treat('deny', denial)).rejects.toThrow()
    await there.treat('deny', { ...denial, address: '10.0.0.6', reason: 'a later one' })
    const read = () => here.treatmentOf('10.0.0.6') !== null
    await waitUntil('a reading', read, { timeoutMs: 20_000 })

    expect(here.treatmentOf('10.0.0.7')?.treatment).toBe('deny')
    const release = (...treatments: ('deny' | 'limit' | 'allow')[]) => here.release('10.0.0.7', treatments)
    expect([await release('allow'), await release('deny', 'limit')]).toEqual([false, true])
    expect([here.treatmentOf('10.0.0.7'), await release('deny')]).toEqual([null, false])
    await here.close()
    await there.close()
  })
})
