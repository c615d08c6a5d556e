/** What the panels read from the gateway, and how often: what streams tell is read again when they tell it. */
import { DenialsReply } from '@fleet/contracts/accounts'
import { DroneHistoryReply } from '@fleet/contracts/flight-record'
import { AcknowledgementsReply, ConsumerLagReply, ServicesHealthReply } from '@fleet/contracts/front-door'
import {
  BasesReply,
  DroneDetailReply,
  DroneHealthsReply,
  DronesReply,
  HealthAlertsReply,
  OrderReply,
  OrdersReply,
  ZonesReply,
} from '@fleet/contracts/rest'
import { queryOptions } from '@tanstack/react-query'
import { call } from './api.ts'
import { laterOrder } from './later-order.ts'

const orderPageMax = 100

export const ordersQuery = queryOptions({
  queryKey: ['orders'],
  queryFn: ({ signal }) => call(`/v1/orders?limit=${orderPageMax}`, OrdersReply, { signal }),
  refetchInterval: 2_000,
})
export const olderOrders = (cursor: string) =>
  call(`/v1/orders?limit=${orderPageMax}&cursor=${encodeURIComponent(cursor)}`, OrdersReply)
export const orderQuery = (id: string) =>
  queryOptions({
    queryKey: ['order', id],
    queryFn: ({ signal }) => call(`/v1/orders/${encodeURIComponent(id)}`, OrderReply, { signal }),
    structuralSharing: laterOrder,
  })
export const basesQuery = queryOptions({
  queryKey: ['bases'],
  queryFn: ({ signal }) => call('/v1/bases', BasesReply, { signal }),
  refetchInterval: 60_000,
})
export const zonesQuery = queryOptions({
  queryKey: ['zones'],
  queryFn: ({ signal }) => call('/v1/zones', ZonesReply, { signal }),
  refetchInterval: 15_000,
})
export const dronesQuery = queryOptions({
  queryKey: ['drones'],
  queryFn: ({ signal }) => call('/v1/drones', DronesReply, { signal }),
  refetchInterval: 30_000,
})
export const droneQuery = (id: string) =>
  queryOptions({
    queryKey: ['drones', id],
    queryFn: ({ signal }) => call(`/v1/drones/${encodeURIComponent(id)}`, DroneDetailReply, { signal }),
    refetchInterval: 2_000,
  })
/** `from`: since when, in ISO 8601; asked anew each time. */
export const historyQuery = (id: string, from: () => string) =>
  queryOptions({
    queryKey: ['health', 'history', id],
    queryFn: ({ signal }) =>
      call(`/v1/drones/${encodeURIComponent(id)}/history?from=${encodeURIComponent(from())}`, DroneHistoryReply, {
        signal,
      }),
    refetchInterval: 4_000,
  })
/** Each with the evidence. The stream says when one changes. */
export const healthsQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => call('/v1/health/drones', DroneHealthsReply, { signal }),
  refetchInterval: 10_000,
})
export const alertsQuery = queryOptions({
  queryKey: ['health', 'alerts'],
  queryFn: ({ signal }) => call('/v1/health/alerts', HealthAlertsReply, { signal }),
  refetchInterval: 5_000,
})
export const acknowledgementsQuery = queryOptions({
  queryKey: ['acknowledgements'],
  queryFn: ({ signal }) => call('/v1/health/acknowledgements', AcknowledgementsReply, { signal }),
  refetchInterval: 5_000,
})
export const servicesQuery = queryOptions({
  queryKey: ['services'],
  queryFn: ({ signal }) => call('/v1/health/services', ServicesHealthReply, { signal }),
  refetchInterval: 3_000,
})
export const lagQuery = queryOptions({
  queryKey: ['lag'],
  queryFn: ({ signal }) => call('/v1/health/lag', ConsumerLagReply, { signal }),
  refetchInterval: 3_000,
})
export const denialsQuery = queryOptions({
  queryKey: ['denials'],
  queryFn: ({ signal }) => call('/v1/deny-list', DenialsReply, { signal }),
  refetchInterval: 5_000,
})
export const allowedQuery = queryOptions({
  queryKey: ['denials', 'allowed'],
  queryFn: ({ signal }) => call('/v1/allow-list', DenialsReply, { signal }),
  refetchInterval: 5_000,
})
