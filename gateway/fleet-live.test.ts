import { DronePosition } from '@fleet/contracts/drone-positions'
import { BoundingBox } from '@fleet/contracts/front-door'
import { LatestPosition } from '@fleet/contracts/rest'
import type { StreamEvent } from '@fleet/runtime/http'
import { describe, expect, it } from '@jest/globals'
import { createFleetLive, type FleetViewer } from './fleet-live.ts'
import { fleetStream } from './fleet-stream.ts'
import { parseJson } from './read-json.ts'
import { flown, position } from './testing/examples.ts'

const hub = () => createFleetLive(async ({ value }) => DronePosition.parse(parseJson(value)))
const signal = new AbortController().signal
const soon = { quietMs: 5, signal }
const watch = (live: ReturnType<typeof hub>, bbox?: BoundingBox): FleetViewer => {
  const viewer = live.watch(bbox)
  if (viewer === null) throw new Error('too many viewers')
  return viewer
}
const box = BoundingBox.parse('7,43,8,44')

describe('a viewer of the fleet', () => {
  it('that is slow gets the newest position of each drone, and one of each alone', async () => {
    const live = hub()
    const viewer = watch(live)

    for (const seq of [1, 2, 3]) await live.take(flown(position({ seq })))
    await live.take(flown(position({ droneId: 'drn_2', seq: 9 })))

    const came = await viewer.next(soon)
    expect(came?.positions.map(({ droneId, seq }) => [droneId, seq])).toEqual([
      ['drn_1', 3],
      ['drn_2', 9],
    ])
    expect(await viewer.next(soon)).toBeNull()
  })

  it('sees its box alone, and once more who leaves it', async () => {
    const live = hub()
    const viewer = watch(live, box)
    const at = async (seq: number, lon: number) => {
      await live.take(flown(position({ seq, lon })))
      return (await viewer.next(soon))?.positions.map((one) => one.seq) ?? []
    }

    expect([await at(1, 9), await at(2, 7.5), await at(3, 8.1), await at(4, 8.2)]).toEqual([[], [2], [3], []])
  })

  it('that lets news pile up is told that it is too slow', async () => {
    const live = hub()
    const viewer = watch(live)

    for (let count = 0; count < 300; count += 1) live.tell({ event: 'breaker.changed', data: {} })

    const came = await viewer.next(soon)
    expect([came?.news.length, came?.ended]).toEqual([256, 'too-slow'])
  })

  it('begins with a snapshot of its box, and is told why its stream ends', async () => {
    const live = hub()
    const { takenAtMs: _, ...one } = position()
    const inside = LatestPosition.parse({ ...one, takenAt: '2027-01-01T00:00:00.000Z' })
    const items = [inside, { ...inside, lon: 9 }]
    const stream = fleetStream({
      viewer: watch(live, box),
      snapshot: async () => ({ items, stale: true }),
      bbox: box,
      signal,
    })
    const told: StreamEvent[] = []

    for await (const event of stream) {
      told.push(event)
      if (told.length === 1) live.close()
    }

    expect(told).toEqual([
      { event: 'snapshot', data: { items: [inside], stale: true } },
      { event: 'end', data: { because: expect.stringContaining('connect again') } },
    ])
  })
})
