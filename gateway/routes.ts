/** The public REST API, whole: which routes there are, and that each act of an operator is written down. */
import { Address, DenyBody } from '@fleet/contracts/accounts'
import type { ServicesHealthReply } from '@fleet/contracts/front-door'
import { json, noContent, ok, problem, type RequestContext, type Route, route } from '@fleet/runtime/http'
import { derivedId, idempotencyKey } from '@fleet/runtime/idempotency'
import { z } from 'zod'
import { type AccountRoutesOptions, accountRoutes } from './account-routes.ts'
import { type Acknowledgements, acknowledgementRoutes } from './acknowledgements.ts'
import { audited } from './audit.ts'
import { type ConsumerLag, consumerLagRoute } from './consumer-lag.ts'
import type { DenyList } from './deny-list.ts'
import type { Downstream } from './downstream.ts'
import type { FleetLive } from './fleet-live.ts'
import { dispatchRoutes, droneRoutes, positionRoutes } from './fleet-routes.ts'
import type { LastPositions } from './last-positions.ts'
import type { Live } from './live.ts'
import { orderRecordRoute } from './order-record.ts'
import { orderEventsRoute, orderRoutes } from './order-routes.ts'
import type { TrackingLinks } from './tracking.ts'
import { trackingRoutes } from './tracking-routes.ts'

export type Services = Record<'order' | 'itinerary' | 'position' | 'droneHealth', Downstream>

export type PublicRoutesOptions = AccountRoutesOptions & {
  services: Services
  live: Live
  fleet: FleetLive
  lastPositions: LastPositions
  links: TrackingLinks
  denyList: Pick<DenyList, 'treat' | 'release' | 'list'>
  acknowledgements: Acknowledgements
  consumerLag: ConsumerLag
}

/** All public routes. `nowMs`: real monotonic milliseconds. */
export function publicRoutes(options: PublicRoutesOptions): Route[] {
  const { services, live, fleet, lastPositions, links, denyList, acknowledgements, consumerLag, audit, nowMs } = options
  const { order, itinerary, position, droneHealth } = services
  const all = [
    ...orderRoutes(order),
    orderEventsRoute(services, live, nowMs),
    orderRecordRoute(services),
    ...trackingRoutes({ order, links, lastPositions }),
    ...positionRoutes(position, lastPositions, fleet),
    ...droneRoutes(droneHealth),
    ...dispatchRoutes(itinerary),
    servicesHealthRoute(services),
    consumerLagRoute(consumerLag),
    ...denyRoutes(denyList),
    ...acknowledgementRoutes(acknowledgements),
  ]
  // Signing in, and tickets for one's own streams, change nothing of anybody else's.
  return [...accountRoutes(options), ...all.map((one) => audited(one, audit))]
}

const servicesHealthRoute = (services: Services): Route =>
  route('GET /v1/health/services', { allow: ['operator'] }, async () => {
    const items = Object.values(services).map((service) => service.health())
    return ok({ items } satisfies ServicesHealthReply, { 'cache-control': 'no-store' })
  })

/** A release ends a denial or a stricter limit; what goes on as before is denied again. Who must not be is put on the allow list. */
function denyRoutes(denyList: PublicRoutesOptions['denyList']): Route[] {
  const allow = ['operator'] as const
  const params = z.object({ address: Address })
  const treat = async (treatment: 'deny' | 'allow', { body, caller, header }: { body: DenyBody } & RequestContext) => {
    const key = idempotencyKey(header('idempotency-key'), 'fresh')
    if (!key.ok) return problem(key.refusal)
    const at = `POST /v1/${treatment}-list`
    const treated = await denyList.treat(treatment, body, derivedId({ caller, route: at, key: key.key }))
    return treated.ok ? json(201, treated.entry) : problem(treated.refusal)
  }
  return [
    route('GET /v1/deny-list', { allow }, async () => ok({ items: denyList.list('deny', 'limit') })),
    route('POST /v1/deny-list', { allow, body: DenyBody }, (context) => treat('deny', context)),
    route('DELETE /v1/deny-list/:address', { allow, params }, async ({ params: { address } }) =>
      (await denyList.release(address, ['deny', 'limit']))
        ? noContent()
        : problem({ code: 'address.not-denied', field: 'address', value: address }),
    ),
    route('GET /v1/allow-list', { allow }, async () => ok({ items: denyList.list('allow') })),
    route('POST /v1/allow-list', { allow, body: DenyBody }, (context) => treat('allow', context)),
    route('DELETE /v1/allow-list/:address', { allow, params }, async ({ params: { address } }) =>
      (await denyList.release(address, ['allow']))
        ? noContent()
        : problem({ code: 'address.not-allowed', field: 'address', value: address }),
    ),
  ]
}
