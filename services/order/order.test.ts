import { describe, expect, it } from '@jest/globals'
import { decide } from './decide.ts'
import { after, ben, byAnna, cancel, news, place, stateReceipt } from './testing/examples.ts'

const refusalOf = (decision: ReturnType<typeof decide>) => (decision.ok ? null : decision.refusal.code)
const eventsOf = (decision: ReturnType<typeof decide>) => (decision.ok ? decision.events.map(({ type }) => type) : null)

describe('placing an order', () => {
  it('accepts what can be flown, with an estimate', () => {
    const order = after(place())

    expect(order).toMatchObject({ status: 'accepted', parcel: { weightG: 500 }, waitingFor: null })
    expect(order).toHaveProperty('estimatedHandOverAtMs')
  })

  it('refuses what cannot be flown, as the airspace said', () => {
    const reach = { ok: false, refusal: { code: 'order.too-far' } } as const

    expect(refusalOf(decide({ status: 'none' }, place({ reach })))).toBe('order.too-far')
  })

  it('takes a repetition with the same body as nothing new, even where the airspace has changed', () => {
    const reach = { ok: false, refusal: { code: 'order.too-far' } } as const

    expect(eventsOf(decide(after(place(), news.assigned()), place({ reach })))).toEqual([])
  })

  it('refuses a repetition with another body', () => {
    expect(refusalOf(decide(after(place()), place({ bodyHash: 'b' })))).toBe('idempotency.key-reused')
  })
})

describe('a delivery', () => {
  it('goes accepted, assigned, in-flight, delivered, closed', () => {
    const words = [news.assigned(), news.departed(), news.handedOver(), news.completed()]
    const statuses = words.map((_, count) => after(place(), ...words.slice(0, count + 1)).status)

    expect(statuses).toEqual(['assigned', 'in-flight', 'delivered', 'closed'])
  })

  it('keeps the proof of the hand-over once it is closed', () => {
    const order = after(place(), news.assigned(), news.departed(), news.handedOver(), news.completed())

    expect(order).toMatchObject({ handedOver: { heightM: 4, permitRequestId: 'prq_1' } })
  })

  it('says what it waits for and stays in its status between two flights', () => {
    expect(after(place(), news.waiting())).toMatchObject({ status: 'accepted', waitingFor: 'no-idle-drone' })
    expect(after(place(), news.assigned(), news.departed(), news.waiting())).toMatchObject({
      status: 'in-flight',
      waitingFor: 'no-idle-drone',
    })
  })

  it('goes back to assigned with the next epoch when another drone flies it', () => {
    const order = after(place(), news.assigned(1), news.departed(1), news.waiting(), news.reassigned(2))

    expect(order).toMatchObject({ status: 'assigned', flight: { epoch: 2, droneId: 'drn_2' }, waitingFor: null })
  })

  it('is not moved by what a flight that was given up says', () => {
    const reassigned = after(place(), news.assigned(1), news.departed(1), news.reassigned(2))

    for (const late of [news.departed(1), news.handedOver(1), news.undecided(1), news.completed(1), news.assigned(1)]) {
      expect(eventsOf(decide(reassigned, late))).toEqual([])
    }
  })

  it('stops at a message that cannot follow, because that is a bug of ours', () => {
    expect(() => decide(after(place()), news.handedOver())).toThrow('cannot follow')
    expect(() => decide({ status: 'none' }, news.assigned())).toThrow('cannot follow')
    expect(() => decide(after(place(), news.assigned(1)), news.departed(2))).toThrow('cannot follow')
    const delivered = after(place(), news.assigned(1), news.departed(1), news.handedOver(1))
    expect(() => decide(delivered, news.reassigned(2))).toThrow('cannot follow')
    expect(() => decide(delivered, news.failed())).toThrow('cannot follow')
  })

  it('fails with its reason', () => {
    expect(after(place(), news.waiting(), news.failed())).toMatchObject({
      status: 'failed',
      failedBecause: 'no-drone-in-time',
    })
  })
})

describe('a cancellation', () => {
  it('is a request until the itinerary service has answered', () => {
    expect(eventsOf(decide(after(place()), cancel()))).toEqual(['order.cancel-requested'])
    expect(after(place(), cancel())).toMatchObject({ status: 'cancelling' })
    expect(after(place(), cancel(), news.cancelled())).toMatchObject({ status: 'cancelled' })
  })

  it('asked twice is asked once', () => {
    expect(eventsOf(decide(after(place(), cancel()), cancel()))).toEqual([])
    expect(eventsOf(decide(after(place(), cancel(), news.cancelled()), cancel()))).toEqual([])
  })

  it('that is refused leads back to where the order has got to meanwhile', () => {
    const asked = [place(), news.assigned(), cancel(), news.departed()]

    expect(after(...asked)).toMatchObject({ status: 'cancelling', before: { status: 'in-flight' } })
    expect(after(...asked, news.cancelRefused())).toMatchObject({ status: 'in-flight' })
  })

  it('comes too late where the parcel was handed over first', () => {
    const order = after(place(), news.assigned(), news.departed(), cancel(), news.handedOver(), news.cancelRefused())

    expect(order).toMatchObject({ status: 'delivered' })
  })

  it('of an order that has ended, or whose hand-over is undecided, is refused', () => {
    const delivered = after(place(), news.assigned(), news.departed(), news.handedOver())
    const undecided = after(place(), news.assigned(), news.departed(), news.undecided())

    expect(refusalOf(decide(delivered, cancel()))).toBe('order.not-open')
    expect(refusalOf(decide(undecided, cancel()))).toBe('order.illegal-move')
  })

  it("of another customer's order finds no such order", () => {
    expect(refusalOf(decide(after(place()), cancel({ customerId: ben })))).toBe('order.unknown')
    expect(refusalOf(decide({ status: 'none' }, cancel()))).toBe('order.unknown')
    expect(eventsOf(decide(after(place()), cancel('operator')))).toEqual(['order.cancel-requested'])
  })
})

describe('an undecided order', () => {
  const undecided = [place(), news.assigned(), news.departed(), news.undecided()]

  it('is settled by the late report of its drone', () => {
    expect(after(...undecided, news.handedOver(), news.completed())).toMatchObject({ status: 'closed' })
  })

  it('is closed without a proof by the recipient who says that it came', () => {
    const order = after(...undecided, stateReceipt(true), news.completed())

    expect(order).toMatchObject({ status: 'closed', handedOver: null, receiptCame: true })
  })

  it('tells the recipient\'s word once, and an "it did not come" settles nothing', () => {
    const denied = after(...undecided, stateReceipt(false))

    expect(denied).toMatchObject({ status: 'undecided', receiptCame: false })
    expect(eventsOf(decide(denied, stateReceipt(false)))).toEqual([])
    expect(eventsOf(decide(denied, stateReceipt(true)))).toEqual(['order.receipt-stated'])
  })

  it('waits for another drone, and is flown again, where the first had kept the parcel', () => {
    expect(after(...undecided, news.waiting())).toMatchObject({ status: 'assigned', waitingFor: 'no-idle-drone' })
    expect(after(...undecided, news.waiting(), news.reassigned(2))).toMatchObject({ flight: { epoch: 2 } })
  })

  it('cannot be spoken of before any hand-over', () => {
    expect(refusalOf(decide(after(place(), news.assigned()), stateReceipt(true, byAnna)))).toBe('order.illegal-move')
  })
})
