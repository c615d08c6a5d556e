/** How many orders are open, by status and age: a metric that is read from the database now and then. */
import { type Loop, startLoop } from '@fleet/messaging/loop'
import type { Clock } from '@fleet/runtime/clock'
import type { Log } from '@fleet/runtime/log'
import { Gauge } from 'prom-client'
import type { OrderStore } from './store.ts'

const everyMs = 5_000

const openOrders = new Gauge({
  name: 'orders_open',
  help: 'Open orders by status and age class (lower bound, world seconds). A rise in old ones means that orders are stuck.',
  labelNames: ['status', 'age_min_seconds'],
})

/** Counts every few seconds. Every instance of the service tells the same figure. */
export const startOpenOrders = (orders: OrderStore, clock: Clock, log: Log): Loop =>
  startLoop('open orders', everyMs, log, async () => {
    const counts = await orders.countOpen(clock.worldNow())
    openOrders.reset()
    for (const { status, ageMinMs, orders: count } of counts) {
      openOrders.set({ status, age_min_seconds: ageMinMs / 1_000 }, count)
    }
  })
