import { BaseId, DroneId, ItineraryId, OrderId, PermitRequestId } from '@fleet/contracts/ids'
import { Epoch, UnixMs } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import { type DeliveryCommand, decide, flightsMax, whyNotClose } from './decide.ts'
import { type Delivery, type DeliveryEvent, evolve } from './delivery.ts'

const orderId = OrderId.parse('ord_1')
const place = { lat: 43.6, lon: 7.05 }
const parcel = { weightG: 500 }
const atMs = UnixMs.parse(10_000)
const permitRequestId = PermitRequestId.parse('prq_1')

const flight = (epoch = 1) => ({
  orderId,
  epoch: Epoch.parse(epoch),
  itineraryId: ItineraryId.parse(`itn_${epoch}`),
  droneId: DroneId.parse(`drn_${epoch}`),
})
const report = (epoch = 1) => ({ ...flight(epoch), boot: 1 })

const place_ = (): DeliveryCommand => ({ type: 'open', orderId, dropOff: place, parcel, placedAtMs: atMs, atMs })
const orderFlight = (epoch = 1): DeliveryCommand => ({
  type: 'order-flight',
  itinerary: {
    ...flight(epoch),
    base: { baseId: BaseId.parse('bas_1'), place },
    dropOff: place,
    parcel,
    cruiseHeightM: 80,
    cruiseSpeedMps: 20,
    hoverMsMax: 300_000,
  },
  estimatedHandOverAtMs: atMs,
  atMs,
})
const requestPermit = ({ epoch = 1, boot = 1, grounded = false, knownBoot = 1 } = {}): DeliveryCommand => ({
  type: 'permit.requested',
  report: { ...report(epoch), boot, permitRequestId, place, heightM: 4 },
  drone: { boot: knownBoot, grounded, revoked: false, permitMs: 60_000 },
  atMs,
})
const handOver = (epoch = 1): DeliveryCommand => ({
  type: 'parcel.handed-over',
  report: { ...report(epoch), permitRequestId, place, heightM: 4, handedOverAtMs: atMs },
  atMs,
})
const keep = (epoch = 1): DeliveryCommand => ({
  type: 'parcel.kept',
  report: { ...report(epoch), reason: 'permit-refused' },
  atMs,
})
const land = ({ epoch = 1, parcelAboard = false } = {}): DeliveryCommand => {
  const { droneId, itineraryId, epoch: flown } = flight(epoch)
  return {
    type: 'landed',
    report: {
      droneId,
      boot: 1,
      itinerary: { itineraryId, orderId, epoch: flown },
      place,
      batteryPct: 40,
      parcelAboard,
    },
    atMs,
  }
}
const loseDrone = (epoch = 1): DeliveryCommand => ({
  type: 'lose-drone',
  droneId: flight(epoch).droneId,
  reason: 'drone-silent',
  atMs,
})
const cancel: DeliveryCommand = { type: 'cancel', atMs }

const after = (...commands: DeliveryCommand[]): Delivery =>
  commands.reduce<Delivery>((delivery, command) => decide(delivery, command).reduce(evolve, delivery), {
    status: 'none',
  })
const types = (events: readonly DeliveryEvent[]) => events.map(({ type }) => type)

describe('the flight of an order', () => {
  it('is assigned, departs, is handed over under a permit, and completes when the drone is home', () => {
    const steps = [place_(), orderFlight(), requestPermit(), handOver(), land()]

    const told = steps.map((command, index) => types(decide(after(...steps.slice(0, index)), command)))

    expect(told).toEqual([
      ['delivery.opened'],
      ['delivery.assigned', 'itinerary.assigned'],
      ['permit.granted'],
      ['delivery.handed-over'],
      ['delivery.completed'],
    ])
  })

  it('is ordered anew under the next epoch when the drone kept the parcel, with the reason', () => {
    const waiting = after(place_(), orderFlight(), requestPermit(), keep())

    const [told] = decide(waiting, orderFlight(2))

    expect(told).toMatchObject({ type: 'delivery.reassigned', data: { epoch: 2, reason: 'parcel-kept' } })
  })

  it('fails when as many flights as allowed have come home with the parcel', () => {
    const flown = Array.from({ length: flightsMax }, (_, index) => [orderFlight(index + 1), keep(index + 1)]).flat()

    expect(after(place_(), ...flown)).toMatchObject({ status: 'ended', how: 'failed', failed: 'too-many-attempts' })
  })

  it('fails when no drone was found in time, and not before', () => {
    const giveUp = (waitMsMax: number): DeliveryCommand => ({
      type: 'give-up-waiting',
      waitMsMax,
      atMs: UnixMs.parse(atMs + 1_000),
    })

    expect(types(decide(after(place_()), giveUp(1_001)))).toEqual([])
    expect(types(decide(after(place_()), giveUp(1_000)))).toEqual(['delivery.failed'])
  })

  it('says once what it waits for', () => {
    const say: DeliveryCommand = { type: 'say-what-it-waits-for', waitingFor: 'no-idle-drone' }

    expect(types(decide(after(place_()), say))).toEqual(['delivery.waiting'])
    expect(types(decide(after(place_(), say), say))).toEqual([])
  })
})

describe('a permit', () => {
  it('is refused to a past epoch, whose drone flies home with its parcel', () => {
    const reassigned = after(place_(), orderFlight(), loseDrone(), orderFlight(2))

    expect(decide(reassigned, requestPermit())).toMatchObject([
      { type: 'permit.refused', data: { reason: 'assignment.stale' } },
    ])
  })

  it('is refused to a grounded drone, to an older boot and for a cancelled order', () => {
    const assigned = after(place_(), orderFlight())

    const grounded = decide(assigned, requestPermit({ grounded: true }))
    const older = decide(assigned, requestPermit({ boot: 1, knownBoot: 2 }))
    const cancelled = decide(after(place_(), orderFlight(), cancel), requestPermit())

    expect(grounded).toMatchObject([{ type: 'permit.refused', data: { reason: 'drone.grounded' } }])
    expect(older).toMatchObject([{ type: 'permit.refused', data: { reason: 'boot.stale' } }])
    expect(cancelled).toMatchObject([{ type: 'permit.refused', data: { reason: 'order.cancelled' } }])
  })

  it('that is unsettled leaves the order of a lost drone undecided: no second parcel flies on a guess', () => {
    const lost = after(place_(), orderFlight(), requestPermit(), loseDrone())

    expect(lost.status).toBe('undecided')
    expect(decide(lost, orderFlight(2))).toEqual([])
  })

  it('that was never asked for lets the order of a lost drone go to another at once', () => {
    expect(types(decide(after(place_(), orderFlight()), loseDrone()))).toEqual([
      'flight.given-up',
      'itinerary.recalled',
    ])
  })

  it('that has run out is still unsettled until somebody reports', () => {
    const ranOut = after(place_(), orderFlight(), requestPermit(), { type: 'run-permit-out', permitRequestId })

    expect(ranOut).toMatchObject({ status: 'assigned', permit: { time: 'ran-out' } })
    expect(types(decide(ranOut, loseDrone()))).toEqual(['delivery.undecided'])
  })
})

describe('a cancellation', () => {
  it('ends a waiting order, and one whose drone has no permit, which is recalled', () => {
    expect(types(decide(after(place_()), cancel))).toEqual(['delivery.cancelled'])
    expect(types(decide(after(place_(), orderFlight()), cancel))).toEqual(['delivery.cancelled', 'itinerary.recalled'])
  })

  it('is refused while the parcel may be on its way out of the drone, and after', () => {
    const asked = decide(after(place_(), orderFlight(), requestPermit()), cancel)
    const handedOver = decide(after(place_(), orderFlight(), requestPermit(), handOver()), cancel)

    expect(asked).toMatchObject([{ type: 'delivery.cancel-refused', data: { reason: 'hand-over-under-way' } }])
    expect(handedOver).toMatchObject([{ type: 'delivery.cancel-refused', data: { reason: 'handed-over' } }])
  })
})

const evolveAll = (delivery: Delivery, events: readonly DeliveryEvent[]) => events.reduce(evolve, delivery)

describe('an undecided order', () => {
  const undecided = () => after(place_(), orderFlight(), requestPermit(), loseDrone())
  const receipt = (came: boolean): DeliveryCommand => ({ type: 'state-receipt', came, atMs })

  it('is settled by the drone’s late report, either way', () => {
    expect(types(decide(undecided(), handOver()))).toEqual(['delivery.handed-over'])
    expect(types(decide(undecided(), keep()))).toEqual(['flight.given-up'])
  })

  it('is settled by a landing with the parcel aboard', () => {
    expect(types(decide(undecided(), land({ parcelAboard: true })))).toEqual(['flight.given-up'])
    expect(types(decide(undecided(), land({ parcelAboard: false })))).toEqual([])
  })

  it('ends when the recipient says that it came; that it did not come settles nothing', () => {
    expect(types(decide(undecided(), receipt(true)))).toEqual(['delivery.completed'])
    expect(types(decide(undecided(), receipt(false)))).toEqual([])
  })

  const close: DeliveryCommand = { type: 'close-by-operator', note: 'the drone lies in the sea', atMs }
  const ranOut: DeliveryCommand = { type: 'run-permit-out', permitRequestId }

  it('is closed by an operator once its permit has run out, with the note, and its drone is recalled', () => {
    const closable = evolveAll(undecided(), decide(undecided(), ranOut))
    const events = decide(closable, close)

    expect(whyNotClose(closable)).toBeNull()
    expect(types(events)).toEqual(['delivery.failed', 'itinerary.recalled'])
    const closed = evolveAll(closable, events)
    expect(closed).toMatchObject({ status: 'ended', failed: 'closed-by-operator', note: 'the drone lies in the sea' })
    expect([whyNotClose(closed), decide(closed, close)]).toEqual([null, []])
    expect(types(decide(closed, handOver()))).toEqual(['report.came-late'])
  })

  it('is not closed while the permit may run, and no other order ever is', () => {
    expect([whyNotClose(undecided())?.code, decide(undecided(), close)]).toEqual(['delivery.permit-running', []])
    for (const other of [after(), after(place_()), after(place_(), orderFlight(), requestPermit())]) {
      expect([whyNotClose(other)?.code, decide(other, close)]).toEqual(['delivery.not-undecided', []])
    }
  })
})
