import { droneModel } from '@fleet/contracts/drone-model'
import { distanceM } from '@fleet/geo/distance'
import { describe, expect, it } from '@jest/globals'
import { base, createRig, itinerary, type Rig } from './testing/rig.ts'

const types = (rig: Rig) => rig.reports.map(({ type }) => type)
const last = (rig: Rig, type: string) => rig.reports.findLast((report) => report.type === type)
const openRequest = (rig: Rig) => {
  const { flight } = rig.drone().memory
  return flight?.leg === 'outbound' ? flight.request?.permitRequestId : undefined
}
const answer = (rig: Rig, more: object = {}) => ({
  permitRequestId: openRequest(rig),
  boot: rig.drone().memory.boot,
  ...ids(rig),
  ...more,
})
const ids = (rig: Rig) => {
  const { itineraryId, orderId, epoch } = rig.drone().memory.flight?.itinerary ?? itinerary()
  return { itineraryId, orderId, epoch }
}
const grant = (rig: Rig, more: object = {}) => rig.hear('permit.granted', answer(rig, { permitMs: 60_000, ...more }))

const awake = () => {
  const rig = createRig()
  rig.wake()
  return rig
}
/** A drone that hovers at the drop point and has asked. */
const atDropPoint = (options: Parameters<typeof itinerary>[0] = {}) => {
  const rig = awake()
  rig.hear('itinerary.assigned', itinerary(options))
  for (let second = 0; second < 600 && !rig.drone().computer?.hoveringSinceMs; second += 1) rig.fly(1)
  return rig
}

describe('a delivery', () => {
  it('flies base, drop point, base, and reports each step in order', () => {
    const rig = atDropPoint()

    grant(rig)
    rig.fly(200)

    expect(types(rig)).toEqual([
      'booted',
      'itinerary.accepted',
      'leg.started',
      'permit.requested',
      'parcel.handed-over',
      'leg.started',
      'landed',
    ])
    expect(rig.letGo).toHaveLength(1)
    expect(distanceM(rig.letGo[0]?.place ?? base, itinerary().dropOff)).toBeLessThan(1)
    expect(distanceM(rig.body().place, base)).toBeLessThan(1)
    expect(last(rig, 'landed')?.data).toMatchObject({ parcelAboard: false, itinerary: { itineraryId: 'itn_1e1' } })
  })

  it('names the message that caused each report, and the correlation of its itinerary', () => {
    const rig = atDropPoint()
    const flightReports = rig.reports.filter(({ type }) => type !== 'booted')
    expect(new Set(flightReports.map(({ correlationId }) => correlationId))).toEqual(new Set(['correlation-itn1']))
    expect(new Set(flightReports.map(({ causationId }) => causationId))).toEqual(new Set(['msg_itn1']))
  })
})

describe('an assignment', () => {
  const refusalOf = (rig: Rig, options: Parameters<typeof itinerary>[0]) => {
    rig.hear('itinerary.assigned', itinerary(options))
    return last(rig, 'itinerary.refused')?.data
  }
  it('is refused while another flight goes on', () => {
    expect(refusalOf(atDropPoint(), { order: 2 })).toMatchObject({ reason: 'busy', itineraryId: 'itn_2e1' })
  })
  it('is refused with an older epoch of an order that it flies', () => {
    expect(refusalOf(atDropPoint({ epoch: 2 }), { epoch: 1 })).toMatchObject({ reason: 'stale' })
  })
  it('is refused once its itinerary has ended', () => {
    const rig = atDropPoint()
    grant(rig)
    rig.fly(200)
    expect(refusalOf(rig, {})).toMatchObject({ reason: 'stale' })
  })
  it('is refused with a parcel that is too heavy', () => {
    expect(refusalOf(awake(), { weightG: droneModel.payloadGMax + 1 })).toMatchObject({ reason: 'parcel-too-heavy' })
  })
  it('is refused where the battery does not reach there and back with the reserve', () => {
    const rig = awake()
    rig.drain(20)
    expect(refusalOf(rig, {})).toMatchObject({ reason: 'battery-low' })
  })
  it('is heard once, however often and late it comes', () => {
    const rig = atDropPoint()
    grant(rig)
    rig.fly(200)
    const told = rig.reports.length
    rig.hear('itinerary.assigned', itinerary(), 1)
    expect(rig.reports).toHaveLength(told)
  })
})

describe('the permit', () => {
  it('is asked for again after 40 s, and an answer to the older question is dead', () => {
    const rig = atDropPoint()
    const older = answer(rig, { permitMs: 60_000 })
    rig.fly(41)

    rig.hear('permit.granted', older)
    rig.fly(5)

    expect(types(rig).filter((type) => type === 'permit.requested').length).toBeGreaterThan(1)
    expect(rig.letGo).toHaveLength(0)
  })
  it.each([
    ['another boot', { boot: 7 }],
    ['another epoch', { epoch: 9 }],
    ['another itinerary', { itineraryId: 'itn_other' }],
  ])('of %s does not count', (_name, wrong) => {
    const rig = atDropPoint()
    grant(rig, wrong)
    rig.fly(5)
    expect(rig.letGo).toHaveLength(0)
  })
  it('that has run out by the time it comes does not count', () => {
    const rig = atDropPoint()
    grant(rig, { permitMs: 4_000 }) // It asked on approach, longer ago than that.
    rig.fly(2)
    expect(rig.letGo).toHaveLength(0)
  })
  it('that runs out between "begun" and the last look lets go of nothing, and is asked for again', () => {
    const rig = atDropPoint()
    rig.pauseBeforeLook(61_000)
    grant(rig)
    rig.fly(2)
    expect(rig.letGo).toHaveLength(0)
    expect(types(rig).at(-1)).toBe('permit.requested')
  })
  it('refused sends it home with the parcel', () => {
    const rig = atDropPoint()
    rig.hear('permit.refused', answer(rig, { reason: 'assignment.stale' }))
    rig.fly(200)
    expect(types(rig).slice(-3)).toEqual(['parcel.kept', 'leg.started', 'landed'])
    expect(last(rig, 'parcel.kept')?.data).toMatchObject({ reason: 'permit-refused' })
    expect(last(rig, 'landed')?.data).toMatchObject({ parcelAboard: true })
  })
  it('that does not come sends it home after the longest hover, boots included', () => {
    const rig = atDropPoint({ hoverMsMax: 60_000 })
    rig.fly(35)
    rig.cutPower()
    rig.wake()
    rig.fly(45)
    expect(last(rig, 'parcel.kept')?.data).toMatchObject({ reason: 'no-permit-in-time' })
  })
})

describe('a recall', () => {
  const recall = (rig: Rig) => rig.hear('itinerary.recalled', { ...ids(rig), reason: 'cancelled' })
  it('on the way sends it home with the parcel', () => {
    const rig = awake()
    rig.hear('itinerary.assigned', itinerary())
    rig.fly(25)
    recall(rig)
    rig.fly(200)
    expect(types(rig).slice(-3)).toEqual(['parcel.kept', 'leg.started', 'landed'])
  })
  it('before take-off ends the flight on the spot', () => {
    const rig = awake()
    rig.hear('itinerary.assigned', itinerary())
    recall(rig)
    rig.fly(1)
    expect(types(rig).slice(-2)).toEqual(['parcel.kept', 'landed'])
    expect(rig.body()).toMatchObject({ state: 'on-ground', weightG: 0 })
  })
  it('between "begun" and letting go changes nothing', () => {
    const rig = atDropPoint()
    rig.deferActs()
    grant(rig)
    rig.tick()
    recall(rig)
    rig.fly(1)
    expect(types(rig)).toContain('parcel.handed-over')
    expect(types(rig)).not.toContain('parcel.kept')
  })
  it('after the hand-over changes nothing', () => {
    const rig = atDropPoint()
    grant(rig)
    rig.fly(1)
    recall(rig)
    rig.fly(200)
    expect(types(rig)).not.toContain('parcel.kept')
  })
})

describe('a reboot in the air', () => {
  it('names the boot before with its highest position, rounded up to 64, and flies on', () => {
    const rig = awake()
    rig.hear('itinerary.assigned', itinerary())
    rig.fly(70)
    rig.cutPower()
    rig.wake()
    expect(last(rig, 'booted')?.data).toMatchObject({
      boot: 2,
      before: { boot: 1, positionSeqMax: 128 },
      landed: false,
      itinerary: { itineraryId: 'itn_1e1' },
    })
    rig.fly(1)
    expect(rig.positions.at(-1)).toMatchObject({ boot: 2, seq: 1 })
  })
  it('kills the permit of the boot before', () => {
    const rig = atDropPoint()
    grant(rig)
    rig.cutPower()
    rig.wake()
    rig.fly(3)
    expect(rig.letGo).toHaveLength(0)
  })
  it.each([0, 1, 2])('with %i acts done between begun and ended says that it does not know', (acts) => {
    const rig = atDropPoint()
    rig.cutPowerAfter(acts)
    grant(rig)
    rig.fly(1)
    rig.wake()
    rig.fly(200)
    expect(types(rig)).toContain('parcel.unknown')
    expect(types(rig)).not.toContain('parcel.handed-over')
    expect(last(rig, 'landed')?.data).toMatchObject({ parcelAboard: rig.letGo.length === 0 })
  })
})

describe('the battery', () => {
  it('that gets low on the way out turns it home', () => {
    const rig = awake()
    rig.hear('itinerary.assigned', itinerary({ distanceM: 3_000 }))
    rig.fly(60)
    rig.drain(14)
    rig.fly(600)
    expect(last(rig, 'parcel.kept')?.data).toMatchObject({ reason: 'battery-low' })
    expect(rig.body().state).toBe('on-ground')
  })
})
