import { BaseId, DroneId, ItineraryId, OrderId, PermitRequestId } from '@fleet/contracts/ids'
import { Epoch, UnixMs } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type DeliveryCommand, decide } from './decide.ts'
import { type Delivery, type DeliveryEvent, evolve } from './delivery.ts'

const orderId = OrderId.parse('ord_1')
const place = { lat: 43.6, lon: 7.05 }
const parcel = { weightG: 500 }
const atMs = UnixMs.parse(1_000)

/** Small ranges, so that sequences often name the flight and the permit that are there. */
const epochs = fc.integer({ min: 1, max: 4 }).map((n) => Epoch.parse(n))
const requests = fc.integer({ min: 1, max: 4 }).map((n) => PermitRequestId.parse(`prq_${n}`))
const flightOf = (epoch: Epoch) => ({
  orderId,
  epoch,
  itineraryId: ItineraryId.parse(`itn_${epoch}`),
  droneId: DroneId.parse(`drn_${epoch}`),
  boot: 1,
})

const commands: fc.Arbitrary<DeliveryCommand> = fc.oneof(
  fc.constant<DeliveryCommand>({ type: 'open', orderId, dropOff: place, parcel, placedAtMs: atMs, atMs }),
  fc.constant<DeliveryCommand>({ type: 'cancel', atMs }),
  fc.constant<DeliveryCommand>({ type: 'give-up-waiting', waitMsMax: 5_000, atMs }),
  fc.constant<DeliveryCommand>({ type: 'close-by-operator', note: 'closed', atMs }),
  fc.boolean().map((came): DeliveryCommand => ({ type: 'state-receipt', came, atMs })),
  requests.map((permitRequestId): DeliveryCommand => ({ type: 'run-permit-out', permitRequestId })),
  epochs.map(
    (epoch): DeliveryCommand => ({
      type: 'lose-drone',
      droneId: flightOf(epoch).droneId,
      reason: 'drone-silent',
      atMs,
    }),
  ),
  epochs.map((epoch): DeliveryCommand => {
    const { boot: _, ...flight } = flightOf(epoch)
    const itinerary = {
      ...flight,
      base: { baseId: BaseId.parse('bas_1'), place },
      dropOff: place,
      parcel,
      cruiseHeightM: 80,
      cruiseSpeedMps: 20,
      hoverMsMax: 300_000,
    }
    return { type: 'order-flight', itinerary, estimatedHandOverAtMs: atMs, atMs }
  }),
  epochs.map(
    (epoch): DeliveryCommand => ({ type: 'itinerary.refused', report: { ...flightOf(epoch), reason: 'busy' }, atMs }),
  ),
  epochs.map((epoch): DeliveryCommand => {
    const report = { ...flightOf(epoch), leg: 'outbound' as const, place, batteryPct: 90 }
    return { type: 'leg.started', report, atMs }
  }),
  fc.tuple(epochs, requests, fc.boolean()).map(([epoch, permitRequestId, grounded]): DeliveryCommand => {
    const report = { ...flightOf(epoch), permitRequestId, place, heightM: 4 }
    return { type: 'permit.requested', report, drone: { boot: 1, grounded, revoked: false, permitMs: 60_000 }, atMs }
  }),
  fc.tuple(epochs, requests).map(([epoch, permitRequestId]): DeliveryCommand => {
    const report = { ...flightOf(epoch), permitRequestId, place, heightM: 4, handedOverAtMs: atMs }
    return { type: 'parcel.handed-over', report, atMs }
  }),
  epochs.map(
    (epoch): DeliveryCommand => ({
      type: 'parcel.kept',
      report: { ...flightOf(epoch), reason: 'permit-refused' },
      atMs,
    }),
  ),
  fc.tuple(epochs, requests).map(([epoch, permitRequestId]): DeliveryCommand => {
    return { type: 'parcel.unknown', report: { ...flightOf(epoch), permitRequestId, place }, atMs }
  }),
  fc.tuple(epochs, fc.boolean()).map(([epoch, parcelAboard]): DeliveryCommand => {
    const { droneId, boot, itineraryId } = flightOf(epoch)
    const report = { droneId, boot, itinerary: { itineraryId, orderId, epoch }, place, batteryPct: 50, parcelAboard }
    return { type: 'landed', report, atMs }
  }),
)

type Step = { before: Delivery; command: DeliveryCommand; events: readonly DeliveryEvent[]; after: Delivery }

function run(sequence: readonly DeliveryCommand[]): Step[] {
  let delivery: Delivery = { status: 'none' }
  return sequence.map((command) => {
    const before = delivery
    const events = decide(before, command)
    delivery = events.reduce(evolve, before)
    return { before, command, events, after: delivery }
  })
}

const holds = (law: (steps: Step[]) => void) =>
  fc.assert(
    fc.property(fc.array(commands, { minLength: 1, maxLength: 40 }), (sequence) => law(run(sequence))),
    { numRuns: 3_000 },
  )

const eventsOf = (steps: Step[], type: DeliveryEvent['type']) =>
  steps.flatMap(({ events }) => events.filter((event) => event.type === type))

describe('a delivery, whatever comes in whatever order', () => {
  it('is handed over once at most', () => {
    holds((steps) => expect(eventsOf(steps, 'delivery.handed-over').length).toBeLessThanOrEqual(1))
  })

  it('never leaves its end', () => {
    holds((steps) => {
      for (const { before, after } of steps) if (before.status === 'ended') expect(after).toEqual(before)
    })
  })

  it('orders its flights under rising epochs, one at a time', () => {
    holds((steps) => {
      const ordered = steps.flatMap(({ events }) => events).filter((event) => event.type === 'itinerary.assigned')
      expect(ordered.map((event) => event.data.epoch)).toEqual(ordered.map((_, index) => index + 1))
    })
  })

  it('grants a permit to the flight of the present epoch alone, and to no grounded drone', () => {
    holds((steps) => {
      for (const { before, command, events } of steps) {
        for (const event of events) {
          if (event.type !== 'permit.granted') continue
          expect(before.status === 'assigned' && before.flight.epoch === event.data.epoch).toBe(true)
          expect(command.type === 'permit.requested' && !command.drone.grounded).toBe(true)
        }
      }
    })
  })

  it('gives the order away, or cancels it, only while no permit is unsettled or a report has settled it', () => {
    const settling = [
      'parcel.kept',
      'itinerary.refused',
      'landed',
      'parcel.handed-over',
      'permit.requested',
      'state-receipt',
      'close-by-operator',
    ]
    holds((steps) => {
      for (const { before, command, after } of steps) {
        const unsettled = before.status === 'undecided' || (before.status === 'assigned' && before.permit !== null)
        const left = after.status === 'waiting' || (after.status === 'ended' && after.how !== 'completed')
        if (unsettled && left) expect(settling).toContain(command.type)
      }
    })
  })

  it('is undecided only until a report, the recipient or an operator speaks: nothing else ends it', () => {
    holds((steps) => {
      for (const { before, command, after } of steps) {
        if (before.status !== 'undecided' || after.status === 'undecided') continue
        const enders = ['parcel.handed-over', 'parcel.kept', 'landed', 'state-receipt', 'close-by-operator']
        expect(enders).toContain(command.type)
        if (command.type === 'close-by-operator') expect(before.permit.time).toBe('ran-out')
      }
    })
  })

  it('makes nothing of a command that comes twice at once, but a permit request, which is answered anew', () => {
    holds((steps) => {
      for (const { command, after } of steps) {
        if (command.type === 'permit.requested' || command.type === 'cancel') continue
        const again = decide(after, command).filter(
          (event) => event.type !== 'report.came-late' && event.type !== 'permit.ran-out',
        )
        expect(again).toEqual([])
      }
    })
  })
})
