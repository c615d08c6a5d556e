/** The statuses that take a story: a customer's order from its placing to its receipt, an operator's day, sessions and keys. */
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import type { Heard } from './ask.ts'
import { parsed } from './document.ts'
import type { Call, Recorder } from './recorder.ts'

const customer = { as: 'customer' } as const
const operator = { as: 'operator' } as const
const key = () => ({ 'idempotency-key': randomUUID() })
const note = { note: 'a test of the contract' }
const hold = { kind: 'hold' }
/** What drones that fly can be told without an order of the story being late: one held in the air stays there. */
const goOn = { kind: 'resume' }
/** More than any limit on guessing lets through. */
const guessesMax = 30
/** The most keys that one owner may have. */
const keysMax = 50

/** What a story goes on with; an answer without it ends the story. */
function read<T extends z.ZodType>(schema: T, { status, text }: Heard): z.output<T> {
  const found = schema.safeParse(parsed(text)?.value)
  if (!found.success) throw new Error(`the story cannot go on with ${status} ${text.slice(0, 300)}`)
  return found.data
}
const Order = z.object({ orderId: z.string(), status: z.string() })
const Command = z.object({ commandId: z.string() })
const Fleet = z.object({
  commandId: z.string(),
  items: z.array(z.object({ commandId: z.string(), droneId: z.string() })),
})
const Drones = z.object({ items: z.array(z.object({ droneId: z.string(), name: z.string() })) })
const Seen = z.object({ seen: z.object({ landed: z.boolean() }).nullable() })
const Session = z.object({ refreshToken: z.string() })

export type Waits = (what: string, holds: () => Promise<boolean>) => Promise<void>
export type Account = { user: string; password: string }

/** An order that is flown; its receipt and its late cancellation come once it is closed. Gives the path of each reading. */
export async function tellOrder({ call }: Recorder, dropOff: { lat: number; lon: number }, waits: Waits) {
  const headers = key()
  const body = { dropOff, parcel: { weightG: 500 } }
  const { orderId } = read(Order, await call('placeOrder', 201, { ...customer, headers, body }))
  const path = { id: orderId }
  await call('placeOrder', 422, { ...customer, headers, body: { dropOff, parcel: { weightG: 501 } } })
  await call('placeOrder', 400, { ...customer, body })
  await call('placeOrder', 422, { ...customer, headers: key(), body: { ...body, dropOff: { lat: 1, lon: 1 } } })
  await call('listOrders', 200, { ...customer, query: { limit: '1' } })
  await call('listOrders', 400, { ...customer, query: { cursor: 'none' } })
  await call('readOrder', 200, { ...customer, path })
  await call('readOrder', 404, { ...customer, path: { id: 'ord_nobody' } })
  await call('followOrder', 200, { ...customer, path })
  await call('followOrder', 404, { ...customer, path: { id: 'ord_nobody' } })
  await call('stateReceipt', 409, { ...customer, path, body: { came: true } })
  await call('stateReceipt', 404, { ...customer, path: { id: 'ord_nobody' }, body: { came: true } })
  await call('cancelOrder', 404, { ...customer, path: { id: 'ord_nobody' } })
  await call('makeTrackingLink', 404, { ...customer, path: { id: 'ord_nobody' } })

  const link = await call('makeTrackingLink', 201, { ...customer, path, headers: key() })
  const { token } = read(z.object({ token: z.string() }), link)
  await call('trackOrder', 200, { path: { token } })
  await call('stateReceiptByLink', 409, { path: { token }, body: { came: true } })
  const nobody = { token: 'n'.repeat(43) }
  await call('trackOrder', 404, { path: nobody })
  await call('stateReceiptByLink', 404, { path: nobody, body: { came: true } })

  const second = read(Order, await call('placeOrder', 201, { ...customer, headers: key(), body }))
  await call('cancelOrder', 202, { ...customer, path: { id: second.orderId } })

  await waits('the delivery to be known to the dispatch', async () => {
    const heard = await call('listOrders', 200, { ...operator })
    return heard.text.includes(orderId)
  })
  await waits('the order to be closed', async () => {
    const now = await call('readOrder', 200, { ...customer, path })
    return read(Order, now).status === 'closed'
  })
  await call('readOrderRecord', 200, { ...operator, path })
  await call('readOrderRecord', 404, { ...operator, path: { id: 'ord_nobody' } })
  await call('readDelivery', 200, { ...operator, path: { orderId } })
  await call('readDelivery', 404, { ...operator, path: { orderId: 'ord_nobody' } })
  await call('closeDelivery', 409, { ...operator, path: { orderId }, body: note })
  await call('closeDelivery', 404, { ...operator, path: { orderId: 'ord_nobody' }, body: note })
  await call('cancelOrder', 409, { ...customer, path })
  await call('stateReceipt', 202, { ...customer, path, body: { came: true } })
  await call('stateReceiptByLink', 202, { path: { token }, body: { came: true } })
  return { readOrder: path, readOrderRecord: path, trackOrder: { token }, readDelivery: { orderId } }
}

/** Commands, enrolment, grounding, bases, zones, the deny list. `spare` is a drone that nobody simulates. */
export async function tellOperator(
  { call }: Recorder,
  { spare, baseId }: { spare: string; baseId: string },
  waits: Waits,
) {
  const nobody = { id: 'drn_nobody' }
  const name = `contract-${randomUUID().slice(0, 8)}`
  const enrolled = await call('enrolDrone', 201, {
    ...operator,
    headers: key(),
    body: { name, hostId: 'host-contract', baseId },
  })
  const { droneId } = read(z.object({ droneId: z.string() }), enrolled)
  const fresh = { id: droneId }
  const drones = key()
  const another = { name: `${name}-3`, hostId: 'host-contract', baseId }
  await call('enrolDrone', 201, { ...operator, headers: drones, body: another })
  await call('enrolDrone', 422, { ...operator, headers: drones, body: { ...another, name: `${name}-4` } })
  await call('enrolDrone', 409, { ...operator, headers: key(), body: { name, hostId: 'host-contract', baseId } })
  const elsewhere = { name: `${name}-2`, hostId: 'host-contract', baseId: 'bas_nobody' }
  await call('enrolDrone', 404, { ...operator, headers: key(), body: elsewhere })
  await call('listDrones', 200, operator)
  await call('readDrone', 200, { ...operator, path: { id: spare } })
  await call('readDrone', 404, { ...operator, path: nobody })

  const headers = key()
  const sent = await call('commandDrone', 201, { ...operator, path: { id: spare }, headers, body: hold })
  const command = { id: spare, commandId: read(Command, sent).commandId }
  await call('commandDrone', 422, { ...operator, path: { id: spare }, headers, body: { kind: 'land' } })
  await call('commandDrone', 400, { ...operator, path: { id: spare }, body: hold })
  await call('commandDrone', 404, { ...operator, path: nobody, headers: key(), body: hold })
  await call('commandDrone', 409, { ...operator, path: fresh, headers: key(), body: { kind: 'reboot' } })
  await call('readCommand', 200, { ...operator, path: command })
  const unknown = { commandId: 'cmd_nobody' }
  await call('readCommand', 404, { ...operator, path: { ...command, ...unknown } })
  await call('cancelCommand', 409, { ...operator, path: command })
  await call('cancelCommand', 404, { ...operator, path: { ...command, ...unknown } })

  const many = await tellManyCommands(call, baseId)
  await tellGrounding(call, waits)
  await call('groundDrone', 404, { ...operator, path: nobody, body: note })
  await call('releaseDrone', 409, { ...operator, path: { id: spare }, body: note })
  await call('releaseDrone', 404, { ...operator, path: nobody, body: note })
  await call('judgeLink', 409, { ...operator, body: note })
  await call('readTrack', 200, { ...operator, path: { id: spare } })
  await call('readTrack', 404, { ...operator, path: nobody })
  await call('readAccounting', 404, { ...operator, query: { droneId: nobody.id } })
  const query = { from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }
  await call('readTrack', 422, { ...operator, path: { id: spare }, query })
  await call('revokeDrone', 200, { ...operator, path: fresh })
  await call('revokeDrone', 404, { ...operator, path: nobody })
  const since = { from: '2020-01-01T00:00:00Z' }
  await call('readDroneHistory', 200, { ...operator, path: { id: spare }, query: since })
  await call('readDroneHistory', 404, { ...operator, path: nobody, query: since })
  await call('acknowledgeAlert', 201, { ...operator, headers: key(), body: { droneId: spare, incident: 1 } })
  for (const id of overviews) {
    await call(id, 200, operator)
  }
  await call('followFleet', 200, { ...operator, query: { bbox: '6.9,43.5,7.3,43.7' } })
  await tellDispatch(call, baseId)
  return {
    readDrone: { id: spare },
    readDroneHistory: { id: spare },
    readCommand: command,
    readFleetCommand: many,
    readTrack: { id: spare },
  }
}

const overviews = [
  'listPositions',
  'readAccounting',
  'listHealth',
  'listAlerts',
  'readServicesHealth',
  'readConsumerLag',
  'listAcknowledgements',
]

/** Only a drone that speaks passes the self-check that a release asks for: one that stands, and is simulated. */
async function tellGrounding(call: Recorder['call'], waits: Waits) {
  const { items } = read(Drones, await call('listDrones', 200, operator))
  for (const { droneId } of items.filter(({ name }) => name.startsWith('sim-'))) {
    const path = { id: droneId }
    const { seen } = read(Seen, await call('readDrone', 200, { ...operator, path }))
    if (seen?.landed !== true) continue
    await call('groundDrone', 200, { ...operator, path, body: note })
    await waits('a drone to be released', async () => {
      const released = await call('releaseDrone', [200, 409], { ...operator, path, body: note })
      return released.status === 200
    })
    return
  }
  throw new Error('no simulated drone stands')
}

/** Queued commands go out at once: one of these tries comes before they do, and can still be cancelled. */
const cancelTries = 20

async function tellManyCommands(call: Recorder['call'], baseId: string) {
  const order = { ...operator, body: { ...goOn, ttlMs: 1_000 } }
  const headers = key()
  const fleet = read(Fleet, await call('commandFleet', 201, { ...order, headers }))
  const path = { commandId: fleet.commandId }
  for (let count = 0, cancelled = false; count < cancelTries && !cancelled; count += 1) {
    const { items } = read(Fleet, await call('commandFleet', 201, { ...order, headers: key() }))
    const part = items.at(-1)
    if (part === undefined) throw new Error('the fleet has no drone')
    const last = { id: part.droneId, commandId: part.commandId }
    cancelled = (await call('cancelCommand', [200, 409], { ...operator, path: last })).status === 200
  }
  await call('cancelFleetCommand', 200, { ...operator, path })
  await call('readFleetCommand', 200, { ...operator, path })
  await call('commandFleet', 422, { ...operator, headers, body: { kind: 'land', ttlMs: 1_000 } })
  await call('commandFleet', 400, { ...operator, body: goOn })
  const base: Call = { ...operator, path: { id: baseId } }
  const based = key()
  await call('commandBase', 201, { ...base, headers: based, body: { ...goOn, ttlMs: 1_000 } })
  await call('commandBase', 422, { ...base, headers: based, body: { kind: 'land', ttlMs: 1_000 } })
  await call('commandBase', 400, { ...base, body: goOn })
  await call('commandBase', 404, { ...operator, path: { id: 'bas_nobody' }, headers: key(), body: goOn })
  const unknown = { commandId: 'cmd_nobody' }
  await call('readFleetCommand', 404, { ...operator, path: unknown })
  await call('cancelFleetCommand', 404, { ...operator, path: unknown })
  return path
}

async function tellDispatch(call: Recorder['call'], baseId: string) {
  await call('listBases', 200, customer)
  for (const id of ['pauseBase', 'resumeBase']) {
    await call(id, 200, { ...operator, path: { id: baseId } })
    await call(id, 404, { ...operator, path: { id: 'bas_nobody' } })
  }
  const corners = [0, 0.001, 0.002].map((d) => ({ lat: 1 + d, lon: 1 + d * d }))
  const zone = await call('publishZone', 201, {
    ...operator,
    headers: key(),
    body: { name: 'nowhere', outline: corners },
  })
  const { zoneId } = read(z.object({ zoneId: z.string() }), zone)
  await call('listZones', 200, customer)
  await call('withdrawZone', 200, { ...operator, path: { id: zoneId } })
  await call('withdrawZone', 404, { ...operator, path: { id: zoneId } })
  const address = '192.0.2.78'
  await call('denyAddress', 201, { ...operator, headers: key(), body: { address, reason: 'a test', forS: 60 } })
  await call('listDenials', 200, operator)
  await call('allowAddress', 204, { ...operator, path: { address } })
  await call('allowAddress', 404, { ...operator, path: { address } })
  const exempt = { ...operator, headers: key(), body: { address, reason: 'a test', forS: 60 } }
  await call('exemptAddress', 201, exempt)
  await call('exemptAddress', 422, { ...exempt, body: { ...exempt.body, reason: 'another' } })
  await call('listAllowed', 200, operator)
  await call('endExemption', 204, { ...operator, path: { address } })
  await call('endExemption', 404, { ...operator, path: { address } })
  const denied = key()
  await call('denyAddress', 201, { ...operator, headers: denied, body: { address, reason: 'a test', forS: 60 } })
  await call('denyAddress', 422, { ...operator, headers: denied, body: { address, reason: 'another', forS: 60 } })
  const zones = key()
  await call('publishZone', 201, { ...operator, headers: zones, body: { name: 'once', outline: corners } })
  await call('publishZone', 422, { ...operator, headers: zones, body: { name: 'twice', outline: corners } })
}

/** Sessions, keys, tickets, the audit log; last, since it fills the owner's keys and empties them again. */
export async function tellAccounts({ call }: Recorder, account: Account) {
  const { refreshToken } = read(Session, await call('signIn', 200, { body: account }))
  await call('signIn', 401, { body: { user: 'nobody', password: 'nothing' } })
  // Guesses come from an address of their own, which is held back from then on.
  const guess: Call = { body: { user: 'somebody', password: 'nothing' }, from: '127.0.9.200' }
  for (let count = 0, throttled = false; count < guessesMax && !throttled; count += 1) {
    throttled = (await call('signIn', [401, 429], guess)).status === 429
  }
  const next = read(Session, await call('refreshSession', 200, { body: { refreshToken } }))
  await call('refreshSession', 401, { body: { refreshToken } })
  await call('signOut', 204, { body: { refreshToken: next.refreshToken } })

  const page = await call('signInBrowser', 200, { body: account })
  await call('signInBrowser', 401, { body: { user: 'nobody', password: 'nothing' } })
  const [cookie = ''] = (page.headers['set-cookie'] ?? '').split(';')
  await call('refreshBrowserSession', 200, { body: {}, headers: { cookie } })
  await call('refreshBrowserSession', 401, { body: {}, headers: { cookie } })
  await call('signOutBrowser', 204, { body: {} })

  const headers = key()
  await call('makeApiKey', 201, { ...customer, headers, body: { name: 'shop' } })
  await call('makeApiKey', 422, { ...customer, headers, body: { name: 'till' } })
  for (let count = 0, isFull = false; count < keysMax && !isFull; count += 1) {
    const more = await call('makeApiKey', [201, 409], { ...customer, headers: key(), body: { name: 'more' } })
    isFull = more.status === 409
  }
  const listed = read(
    z.object({ items: z.array(z.object({ id: z.string() })) }),
    await call('listApiKeys', 200, customer),
  )
  // One after the other: so many at once are more than a busy gateway lets in.
  for (const { id } of listed.items) await call('revokeApiKey', 204, { ...customer, path: { id } })
  await call('revokeApiKey', 404, { ...customer, path: { id: `key_${'0'.repeat(24)}` } })
  await call('makeStreamTicket', 201, { ...operator, headers: key() })
  await call('readAudit', 200, operator)
  await call('readAudit', 400, { ...operator, query: { cursor: 'none' } })
  await call('readKeys', 200)
  await call('readDocument', 200)
}
