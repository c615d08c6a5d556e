/** What the world is told of an event, on which topic and under which key; the rest this service keeps for itself. */
import type { DeliveryMessage } from '@fleet/contracts/deliveries'
import type { ItineraryMessage } from '@fleet/contracts/itineraries'
import type { DeliveryEvent } from './delivery.ts'

type Of<Message extends { type: string }> = Extract<DeliveryEvent, { type: Message['type'] }>

export type Told =
  | { topic: 'deliveries'; key: string; fact: Of<DeliveryMessage> }
  | { topic: 'itineraries'; key: string; fact: Of<ItineraryMessage> }

/** Null: nobody else is told. */
export function toldOf(event: DeliveryEvent): Told | null {
  switch (event.type) {
    case 'delivery.opened':
    case 'flight.given-up':
    case 'permit.settled-unused':
    case 'permit.ran-out':
    case 'report.came-late':
      return null
    case 'itinerary.assigned':
    case 'itinerary.recalled':
    case 'permit.granted':
    case 'permit.refused':
      return { topic: 'itineraries', key: event.data.droneId, fact: event }
    case 'delivery.waiting':
    case 'delivery.assigned':
    case 'delivery.departed':
    case 'delivery.handed-over':
    case 'delivery.reassigned':
    case 'delivery.undecided':
    case 'delivery.cancelled':
    case 'delivery.cancel-refused':
    case 'delivery.completed':
    case 'delivery.failed':
      return { topic: 'deliveries', key: event.data.orderId, fact: event }
  }
}
