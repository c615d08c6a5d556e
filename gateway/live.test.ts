import { DronePosition } from '@fleet/contracts/drone-positions'
import { DroneId, OrderId } from '@fleet/contracts/ids'
import { describe, expect, it } from '@jest/globals'
import { createLive, messagesMax, type Viewer } from './live.ts'
import { parseJson } from './read-json.ts'
import { flown, nonsense, orderId, position, said } from './testing/examples.ts'

const drone = DroneId.parse('drn_1')
const live = () => createLive(async ({ value }) => DronePosition.parse(parseJson(value)))
const watch = (hub: ReturnType<typeof live>, id = orderId): Viewer => {
  const viewer = hub.watch(id)
  if (viewer === null) throw new Error('too many viewers')
  return viewer
}
const soon = () => ({ quietMs: 5, signal: new AbortController().signal })
const typeOf = async (viewer: Viewer) => {
  const seen = await viewer.next(soon())
  return seen.kind === 'message' ? seen.message.type : seen.kind
}

describe('a viewer of an order', () => {
  it("gets the order's messages in order, and no other's", async () => {
    const hub = live()
    const viewer = watch(hub)
    const other = watch(hub, OrderId.parse('ord_2'))

    await hub.take(said('delivery.assigned', 1))
    await hub.take(said('delivery.departed', 2))

    expect([await typeOf(viewer), await typeOf(viewer)]).toEqual(['delivery.assigned', 'delivery.departed'])
    expect(await typeOf(other)).toBe('quiet')
  })

  it('is woken by a message while it waits', async () => {
    const hub = live()
    const waiting = watch(hub).next({ quietMs: 60_000, signal: new AbortController().signal })

    await hub.take(said('delivery.assigned', 1))

    expect(await waiting).toMatchObject({ kind: 'message', topic: 'deliveries' })
  })

  it('that is slow sees the newest position alone, and every message', async () => {
    const hub = live()
    const viewer = watch(hub)
    viewer.follow(drone)

    for (const seq of [1, 2, 3]) await hub.take(flown(position({ seq })))
    await hub.take(said('delivery.departed', 1))

    expect(await typeOf(viewer)).toBe('delivery.departed')
    expect(await viewer.next(soon())).toMatchObject({ kind: 'position', position: { seq: 3 } })
    expect(await typeOf(viewer)).toBe('quiet')
  })

  it('that lets its queue fill up gets what is in it and is then told that it is too slow', async () => {
    const hub = live()
    const viewer = watch(hub)

    for (let seq = 1; seq <= messagesMax + 1; seq += 1) await hub.take(said('delivery.departed', seq))

    for (let seq = 1; seq <= messagesMax; seq += 1) expect(await typeOf(viewer)).toBe('delivery.departed')
    expect(await typeOf(viewer)).toBe('too-slow')
  })

  it('sees the positions of the drone that it follows, until it follows another or none', async () => {
    const hub = live()
    const viewer = watch(hub)

    await hub.take(flown(position()))
    expect(await typeOf(viewer)).toBe('quiet')
    viewer.follow(drone)
    await hub.take(flown(position()))
    expect(await typeOf(viewer)).toBe('position')
    viewer.follow(null)
    await hub.take(flown(position()))
    expect(await typeOf(viewer)).toBe('quiet')
  })

  it('sees nothing of a position that is not authentic, which is asked for followed drones only', async () => {
    const asked: string[] = []
    const hub = createLive(async ({ key }) => {
      asked.push(key?.toString() ?? '')
      return null
    })
    const viewer = watch(hub)
    viewer.follow(drone)

    await hub.take(flown(position({ droneId: 'drn_2' })))
    await hub.take(flown(position()))

    expect(await typeOf(viewer)).toBe('quiet')
    expect(asked).toEqual(['drn_1'])
  })

  it('is not disturbed by a message that cannot be read', async () => {
    const hub = live()
    const viewer = watch(hub)

    await hub.take(nonsense('deliveries', orderId))
    await hub.take(said('delivery.assigned', 2))

    expect(await typeOf(viewer)).toBe('delivery.assigned')
  })

  it('is let go when its reader leaves, and when the gateway stops', async () => {
    const hub = live()
    const left = new AbortController()
    const leaving = watch(hub).next({ quietMs: 60_000, signal: left.signal })
    const staying = watch(hub).next({ quietMs: 60_000, signal: new AbortController().signal })

    left.abort()
    hub.close()

    expect([await leaving, await staying]).toEqual([{ kind: 'closed' }, { kind: 'closed' }])
  })
})
