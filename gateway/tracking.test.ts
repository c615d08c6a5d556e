import { LatestPosition } from '@fleet/contracts/rest'
import { describe, expect, it } from '@jest/globals'
import { assignedTo, orderReply, position } from './testing/examples.ts'
import { toTracking } from './tracking.ts'

const { takenAtMs: _, ...one } = position()
const drone = LatestPosition.parse({ ...one, takenAt: '2027-01-01T00:00:00.000Z' })

describe('what a recipient sees', () => {
  it('is how the order is and where its drone is, and names no order, customer, drone or base', () => {
    const seen = toTracking(orderReply({ status: 'in-flight', ...assignedTo() }), drone)

    expect(Object.keys(seen).toSorted()).toEqual([
      'drone',
      'dropOff',
      'estimatedHandOverAt',
      'handedOver',
      'status',
      'waitingFor',
    ])
    expect(seen.drone).toMatchObject({ lat: drone.lat, lon: drone.lon })
    expect(JSON.stringify(seen)).not.toMatch(/(ord|cus|drn|bas|itn)_/)
  })

  it('is not where the drone flies once it no longer carries the parcel', () => {
    expect(toTracking(orderReply({ status: 'delivered', ...assignedTo() }), drone).drone).toBeNull()
    expect(toTracking(orderReply(), drone).drone).toBeNull()
  })
})
