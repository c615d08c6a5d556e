import { UnixMs } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import { type Entry, toHistory } from './history.ts'

const entry = (second: number, from: Entry['from'], type: string, data: Entry['data']): Entry => ({
  atMs: UnixMs.parse(1_700_000_000_000 + second * 1_000),
  from,
  type,
  data,
})
const flight = (epoch: number) => ({ epoch, itineraryId: `itn_${epoch}`, droneId: `drn_${epoch}`, orderId: 'ord_1' })
const assigned = (epoch: number, second: number) =>
  entry(second, 'service', epoch === 1 ? 'delivery.assigned' : 'delivery.reassigned', {
    ...flight(epoch),
    baseId: 'bas_home',
    estimatedHandOverAtMs: 1_700_000_100_000,
  })
const said = (epoch: number, second: number, type: string, data: object = {}) =>
  entry(second, 'drone', type, { ...flight(epoch), ...data })
const landed = (epoch: number, second: number, parcelAboard: boolean) =>
  entry(second, 'drone', 'landed', { droneId: `drn_${epoch}`, itinerary: flight(epoch), parcelAboard })
const givenUp = (second: number) => entry(second, 'service', 'flight.given-up', { reason: 'drone-grounded' })

const fates = (...entries: Entry[]) => toHistory(entries).flights.map(({ epoch, parcel }) => [epoch, parcel])

describe("a delivery's history", () => {
  it('tells each flight with its epoch, from its assignment to its landing', () => {
    const entries = [assigned(1, 0), said(1, 1, 'leg.started', { leg: 'outbound' })]

    expect(toHistory([...entries, said(1, 60, 'parcel.handed-over'), landed(1, 100, false)]).flights).toEqual([
      {
        epoch: 1,
        itineraryId: 'itn_1',
        droneId: 'drn_1',
        baseId: 'bas_home',
        from: '2023-11-14T22:13:20.000Z',
        until: '2023-11-14T22:15:00.000Z',
        estimatedHandOverAt: '2023-11-14T22:15:00.000Z',
        parcel: 'handed-over',
      },
    ])
    expect(toHistory(entries).flights[0]).toMatchObject({ until: null, parcel: 'aboard' })
  })

  it('marks the parcel of a flight that was given up as to be returned, and as returned when its drone brought it home', () => {
    const lost = [assigned(1, 0), said(1, 1, 'leg.started'), givenUp(30), assigned(2, 31), said(2, 32, 'leg.started')]

    expect(fates(...lost)).toEqual([
      [1, 'to-be-returned'],
      [2, 'aboard'],
    ])
    expect(fates(...lost, said(2, 90, 'parcel.handed-over'), said(1, 95, 'parcel.kept'), landed(1, 130, true))).toEqual(
      [
        [1, 'returned'],
        [2, 'handed-over'],
      ],
    )
  })

  it('has nothing to return where the drone never took off', () => {
    expect(fates(assigned(1, 0), said(1, 1, 'itinerary.refused'), givenUp(1))).toEqual([[1, 'not-departed']])
  })

  it('says of an undecided parcel that nobody knows, until its drone reports', () => {
    const undecided = entry(50, 'service', 'delivery.undecided', flight(1))
    const flown = [assigned(1, 0), said(1, 1, 'leg.started'), undecided]

    expect(fates(...flown)).toEqual([[1, 'unknown']])
    expect(fates(...flown, said(1, 80, 'parcel.handed-over'))).toEqual([[1, 'handed-over']])
  })
})
