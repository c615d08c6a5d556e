/** Where the bases stand, as the itinerary service tells it; read again now and then, since they hardly move. */
import { BasesReply } from '@fleet/contracts/rest'
import type { Place } from '@fleet/contracts/units'

const freshMs = 60_000
/** After a failure it is not asked again at once for each position of each viewer. */
const retryMs = 5_000

/** `read` gives the body of `GET /v1/bases`, or null; `nowMs`: real monotonic milliseconds. */
export function createBases(read: () => Promise<unknown>, nowMs: () => number) {
  let places = new Map<string, Place>()
  let dueAtMs = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined

  const refresh = async () => {
    const parsed = BasesReply.safeParse(await read())
    if (parsed.success) places = new Map(parsed.data.items.map(({ baseId, place }) => [baseId, place]))
    dueAtMs = nowMs() + (parsed.success ? freshMs : retryMs)
    reading = undefined
  }
  return {
    /** The base's place, or null where it is not known. */
    placeOf: async (baseId: string): Promise<Place | null> => {
      if (nowMs() >= dueAtMs) reading ??= refresh()
      await reading
      return places.get(baseId) ?? null
    },
  }
}
