/** What becomes of orders while the product is attacked: which are lost, and which deliveries do not end as they should. */
import type { OrderId } from '@fleet/contracts/ids'
import { OrderReply, OrdersReply } from '@fleet/contracts/rest'
import { wasDisturbed } from './attack-verdict.ts'
import type { Stage } from './stage.ts'
import { flyOrders } from './trouble.ts'

const farFlights = 2
/** A flight of some minutes of world time: what flies there is under way when the attack comes. */
const farM = 5_000
const listedMax = 100
const deliveryWorldS = 1_800

/** Orders to places far away, and waits until drones are on their way there. */
export async function flyFar(stage: Stage): Promise<void> {
  await flyOrders(stage, farFlights, farM)
}

/** The orders that the first drone of each is flying now. */
export async function flightsUnderWay({ get }: Stage): Promise<OrderId[]> {
  const { items } = OrdersReply.parse((await get(`/v1/orders?limit=${listedMax}`)).body)
  return items
    .filter(({ status, flight }) => status === 'in-flight' && flight?.epoch === 1)
    .map(({ orderId }) => orderId)
}

/** Waits until these deliveries are over; gives how many were disturbed. */
export async function countDisturbed(stage: Stage, orderIds: readonly OrderId[]): Promise<number> {
  let count = 0
  for (const orderId of orderIds) {
    const { disturbed } = await stage.until(`${orderId} to be over`, deliveryWorldS, async () => {
      const disturbed = wasDisturbed(OrderReply.parse((await stage.get(`/v1/orders/${orderId}`)).body))
      return disturbed === null ? undefined : { disturbed }
    })
    if (disturbed) count += 1
  }
  return count
}

/** How many of these orders are nowhere. */
export async function countLost(stage: Stage, orderIds: readonly OrderId[]): Promise<number> {
  let count = 0
  for (const orderId of orderIds) {
    const { status } = await stage.until(`${orderId} to be read`, 0, async () => {
      const answer = await stage.get(`/v1/orders/${orderId}`)
      return (answer.status === 200 || answer.status === 404) && answer
    })
    if (status === 404) count += 1
  }
  return count
}
