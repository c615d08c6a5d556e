/**
 * The walk through the whole API, one line a request: made into `fleet.postman_collection.json`, which Postman and newman
 * run. It is told as a day: signing in, an order and its link, the fleet, commands, the dispatch, and putting all back.
 */
export type Step = {
  /** The operationId of the API's document. */
  id: string
  at: `${'GET' | 'POST' | 'DELETE'} /${string}`
  as?: 'customer' | 'operator'
  body?: unknown
  headers?: Record<string, string>
  expect: number
  /** What must stand in the reply, and what it must be where that is known; `*` for anything. */
  has?: Record<string, unknown>
  /** Variables that later steps use, by the path of what they keep in the reply. */
  keep?: Record<string, string>
  /** Asked again, at most so often with a second between, until `has` holds. */
  triesMax?: number
}
export type Chapter = { name: string; steps: readonly Step[] }

const key = { 'Idempotency-Key': '{{$guid}}' }
const note = { note: 'Postman walks by' }
const hold = { kind: 'hold', ttlMs: 1_000 }
const customer = 'customer'
const operator = 'operator'
const refused = (code: string) => ({ code, type: `urn:drone-delivery:problem:${code}`, title: '*' })

export const walk: readonly Chapter[] = [
  {
    name: 'Signing in',
    steps: [
      {
        id: 'signIn',
        at: 'POST /v1/sessions',
        body: { user: '{{customerUser}}', password: '{{customerPassword}}' },
        expect: 200,
        has: { expiresAt: '*' },
        keep: { customerToken: 'accessToken', refreshToken: 'refreshToken' },
      },
      {
        id: 'signIn',
        at: 'POST /v1/sessions',
        body: { user: '{{operatorUser}}', password: '{{operatorPassword}}' },
        expect: 200,
        has: { expiresAt: '*' },
        keep: { operatorToken: 'accessToken' },
      },
      {
        id: 'signIn',
        at: 'POST /v1/sessions',
        body: { user: 'nobody', password: 'nothing' },
        expect: 401,
        has: refused('session.refused'),
      },
      {
        id: 'refreshSession',
        at: 'POST /v1/sessions/refresh',
        body: { refreshToken: '{{refreshToken}}' },
        expect: 200,
        has: { expiresAt: '*' },
        keep: { customerToken: 'accessToken', refreshToken: 'refreshToken' },
      },
      { id: 'readKeys', at: 'GET /.well-known/jwks.json', expect: 200, has: { 'keys.0.alg': 'ES256' } },
      { id: 'readDocument', at: 'GET /openapi.json', expect: 200, has: { openapi: '3.1.1' } },
      { id: 'listOrders', at: 'GET /v1/orders', expect: 401, has: refused('auth.missing') },
      {
        id: 'makeApiKey',
        at: 'POST /v1/api-keys',
        as: customer,
        headers: key,
        body: { name: 'Postman' },
        expect: 201,
        has: { key: '*' },
        keep: { apiKeyId: 'id' },
      },
      { id: 'listApiKeys', at: 'GET /v1/api-keys', as: customer, expect: 200, has: { 'items.0.id': '*' } },
      { id: 'revokeApiKey', at: 'DELETE /v1/api-keys/{{apiKeyId}}', as: customer, expect: 204 },
      {
        id: 'makeStreamTicket',
        at: 'POST /v1/stream-tickets',
        as: operator,
        headers: key,
        expect: 201,
        has: { ticket: '*', expiresAt: '*' },
      },
    ],
  },
  {
    name: 'An order',
    steps: [
      {
        id: 'listBases',
        at: 'GET /v1/bases',
        as: customer,
        expect: 200,
        has: { 'items.0.name': '*' },
        keep: { baseId: 'items.0.baseId', baseLat: 'items.0.place.lat', baseLon: 'items.0.place.lon' },
      },
      {
        id: 'placeOrder',
        at: 'POST /v1/orders',
        as: customer,
        headers: { 'Idempotency-Key': '{{orderKey}}' },
        body: { dropOff: { lat: '{{dropLat}}', lon: '{{dropLon}}' }, parcel: { weightG: 500 } },
        expect: 201,
        has: { status: 'accepted', 'parcel.weightG': 500 },
        keep: { orderId: 'orderId' },
      },
      {
        id: 'placeOrder',
        at: 'POST /v1/orders',
        as: customer,
        headers: { 'Idempotency-Key': '{{orderKey}}' },
        body: { dropOff: { lat: '{{dropLat}}', lon: '{{dropLon}}' }, parcel: { weightG: 500 } },
        expect: 201,
        has: { orderId: '{{orderId}}' },
      },
      {
        id: 'placeOrder',
        at: 'POST /v1/orders',
        as: customer,
        headers: { 'Idempotency-Key': '{{orderKey}}' },
        body: { dropOff: { lat: '{{dropLat}}', lon: '{{dropLon}}' }, parcel: { weightG: 501 } },
        expect: 422,
        has: refused('idempotency.key-reused'),
      },
      {
        id: 'placeOrder',
        at: 'POST /v1/orders',
        as: customer,
        headers: key,
        body: { dropOff: { lat: 1, lon: 1 }, parcel: { weightG: 500 } },
        expect: 422,
        has: refused('order.too-far'),
      },
      {
        id: 'placeOrder',
        at: 'POST /v1/orders',
        as: customer,
        headers: key,
        body: { dropOff: { lat: 95, lon: 1 }, parcel: { weightG: 500 } },
        expect: 400,
        has: { ...refused('request.invalid'), field: '/dropOff/lat', value: 95 },
      },
      { id: 'listOrders', at: 'GET /v1/orders?limit=5', as: customer, expect: 200, has: { 'items.0.orderId': '*' } },
      {
        id: 'readOrder',
        at: 'GET /v1/orders/{{orderId}}',
        as: customer,
        expect: 200,
        has: { orderId: '{{orderId}}', placedAt: '*' },
      },
      { id: 'readOrder', at: 'GET /v1/orders/ord_nobody', as: customer, expect: 404, has: refused('order.unknown') },
      {
        id: 'makeTrackingLink',
        at: 'POST /v1/orders/{{orderId}}/tracking-links',
        as: customer,
        headers: key,
        expect: 201,
        has: { path: '*' },
        keep: { trackingToken: 'token' },
      },
      { id: 'trackOrder', at: 'GET /v1/tracking/{{trackingToken}}', expect: 200, has: { status: '*' } },
      {
        id: 'stateReceiptByLink',
        at: 'POST /v1/tracking/{{trackingToken}}/receipt',
        body: { came: true },
        expect: 409,
        has: refused('order.illegal-move'),
      },
      {
        id: 'stateReceipt',
        at: 'POST /v1/orders/{{orderId}}/receipt',
        as: customer,
        body: { came: true },
        expect: 409,
        has: refused('order.illegal-move'),
      },
      {
        id: 'readDelivery',
        at: 'GET /v1/deliveries/{{orderId}}',
        as: operator,
        expect: 200,
        has: { status: '*' },
        triesMax: 10,
      },
      {
        id: 'closeDelivery',
        at: 'POST /v1/deliveries/{{orderId}}/closure',
        as: operator,
        body: note,
        expect: 409,
        has: refused('delivery.not-undecided'),
      },
      {
        id: 'cancelOrder',
        at: 'POST /v1/orders/{{orderId}}/cancellation',
        as: customer,
        expect: 202,
        has: { orderId: '{{orderId}}' },
      },
      {
        id: 'readOrder',
        at: 'GET /v1/orders/{{orderId}}',
        as: customer,
        expect: 200,
        has: { status: 'cancelled' },
        triesMax: 15,
      },
      { id: 'followOrder', at: 'GET /v1/orders/{{orderId}}/events', as: customer, expect: 200 },
    ],
  },
  {
    name: 'The fleet',
    steps: [
      {
        id: 'enrolDrone',
        at: 'POST /v1/drones',
        as: operator,
        headers: key,
        body: { name: '{{droneName}}', hostId: 'host-postman', baseId: '{{baseId}}' },
        expect: 201,
        has: { name: '{{droneName}}' },
        keep: { droneId: 'droneId' },
      },
      {
        id: 'enrolDrone',
        at: 'POST /v1/drones',
        as: operator,
        headers: key,
        body: { name: '{{droneName}}', hostId: 'host-postman', baseId: '{{baseId}}' },
        expect: 409,
        has: refused('drone.name-taken'),
      },
      { id: 'listDrones', at: 'GET /v1/drones', as: operator, expect: 200, has: { 'items.0.droneId': '*' } },
      {
        id: 'readDrone',
        at: 'GET /v1/drones/{{droneId}}',
        as: operator,
        expect: 200,
        has: { droneId: '{{droneId}}', seen: null },
      },
      { id: 'readDrone', at: 'GET /v1/drones/{{droneId}}', as: customer, expect: 403, has: refused('auth.forbidden') },
      { id: 'listPositions', at: 'GET /v1/fleet/positions', as: operator, expect: 200, has: { items: '*' } },
      {
        id: 'readAccounting',
        at: 'GET /v1/fleet/accounting',
        as: operator,
        expect: 200,
        has: { refusedMessages: '*' },
      },
      {
        id: 'readTrack',
        at: 'GET /v1/drones/{{droneId}}/track',
        as: operator,
        expect: 200,
        has: { type: 'Feature' },
        triesMax: 10,
      },
      { id: 'followFleet', at: 'GET /v1/fleet/stream?ticket=used', expect: 401, has: refused('ticket.invalid') },
      { id: 'listHealth', at: 'GET /v1/health/drones', as: operator, expect: 200, has: { 'items.0.status': '*' } },
      { id: 'listAlerts', at: 'GET /v1/health/alerts', as: operator, expect: 200, has: { 'link.status': '*' } },
      {
        id: 'readServicesHealth',
        at: 'GET /v1/health/services',
        as: operator,
        expect: 200,
        has: { 'items.0.status': 'up' },
      },
      {
        id: 'judgeLink',
        at: 'POST /v1/health/link/judgement',
        as: operator,
        body: note,
        expect: 409,
        has: refused('link.not-lost'),
      },
      {
        id: 'groundDrone',
        at: 'POST /v1/drones/{{droneId}}/grounding',
        as: operator,
        body: note,
        expect: 200,
        has: { status: 'grounded' },
      },
      {
        id: 'releaseDrone',
        at: 'POST /v1/drones/drn_nobody/release',
        as: operator,
        body: note,
        expect: 404,
        has: refused('drone.unknown'),
      },
    ],
  },
  {
    name: 'Commands',
    steps: [
      {
        id: 'commandDrone',
        at: 'POST /v1/drones/{{droneId}}/commands',
        as: operator,
        headers: key,
        body: hold,
        expect: 201,
        has: { kind: 'hold' },
        keep: { commandId: 'commandId' },
      },
      {
        id: 'readCommand',
        at: 'GET /v1/drones/{{droneId}}/commands/{{commandId}}',
        as: operator,
        expect: 200,
        has: { commandId: '{{commandId}}' },
      },
      {
        id: 'cancelCommand',
        at: 'POST /v1/drones/{{droneId}}/commands/{{commandId}}/cancellation',
        as: operator,
        expect: 409,
        has: refused('command.sent-already'),
      },
      {
        id: 'commandBase',
        at: 'POST /v1/bases/{{baseId}}/commands',
        as: operator,
        headers: key,
        body: hold,
        expect: 201,
        has: { total: '*' },
      },
      {
        id: 'commandFleet',
        at: 'POST /v1/fleet/commands',
        as: operator,
        headers: key,
        body: { ...hold, kind: 'resume' },
        expect: 201,
        has: { total: '*' },
        keep: { fleetCommandId: 'commandId' },
      },
      {
        id: 'readFleetCommand',
        at: 'GET /v1/fleet/commands/{{fleetCommandId}}',
        as: operator,
        expect: 200,
        has: { commandId: '{{fleetCommandId}}' },
      },
      {
        id: 'cancelFleetCommand',
        at: 'POST /v1/fleet/commands/{{fleetCommandId}}/cancellation',
        as: operator,
        expect: 200,
        has: { byStatus: '*' },
      },
      {
        id: 'revokeDrone',
        at: 'POST /v1/drones/{{droneId}}/revocation',
        as: operator,
        expect: 200,
        has: { revokedAt: '*' },
      },
    ],
  },
  {
    name: 'Dispatch and security',
    steps: [
      { id: 'pauseBase', at: 'POST /v1/bases/{{baseId}}/pause', as: operator, expect: 200, has: { paused: true } },
      { id: 'resumeBase', at: 'POST /v1/bases/{{baseId}}/resume', as: operator, expect: 200, has: { paused: false } },
      {
        id: 'publishZone',
        at: 'POST /v1/zones',
        as: operator,
        headers: key,
        body: {
          name: 'Postman',
          outline: [
            { lat: 1, lon: 1 },
            { lat: 1, lon: 1.01 },
            { lat: 1.01, lon: 1 },
          ],
        },
        expect: 201,
        has: { name: 'Postman' },
        keep: { zoneId: 'zoneId' },
      },
      { id: 'listZones', at: 'GET /v1/zones', as: customer, expect: 200, has: { 'items.0.zoneId': '*' } },
      { id: 'withdrawZone', at: 'DELETE /v1/zones/{{zoneId}}', as: operator, expect: 200, has: { withdrawn: true } },
      {
        id: 'denyAddress',
        at: 'POST /v1/deny-list',
        as: operator,
        headers: key,
        body: { address: '192.0.2.99', reason: 'Postman', forS: 60 },
        expect: 201,
        has: { address: '192.0.2.99' },
      },
      { id: 'listDenials', at: 'GET /v1/deny-list', as: operator, expect: 200, has: { 'items.0.address': '*' } },
      { id: 'allowAddress', at: 'DELETE /v1/deny-list/192.0.2.99', as: operator, expect: 204 },
      { id: 'readAudit', at: 'GET /v1/audit?limit=5', as: operator, expect: 200, has: { 'items.0.who': '*' } },
      { id: 'signOut', at: 'DELETE /v1/sessions', body: { refreshToken: '{{refreshToken}}' }, expect: 204 },
    ],
  },
]
