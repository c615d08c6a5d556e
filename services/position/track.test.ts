import { TrackReply, verticesOf } from '@fleet/contracts/rest'
import { UnixMs } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { drone, position } from './testing/drones.ts'
import { decimated, earliest, pointOf, toTrack, trackWindow, windowMsMax } from './track.ts'

const a = drone('a')
const at = (ms: number, seq = ms) => position(a, { seq, takenAtMs: UnixMs.parse(ms) })
const now = Date.parse('2030-01-02T12:00:00.000Z')

async function* batches(...all: ReturnType<typeof at>[][]) {
  yield* all
}

describe('the window of a track', () => {
  it('is the last hour where nobody says otherwise', () => {
    expect(trackWindow({}, now)).toEqual({ ok: true, window: { fromMs: now - 3_600_000, toMs: now } })
  })

  it('is refused where it ends before it begins', () => {
    const asked = trackWindow({ from: '2030-01-02T12:00:01.000Z', to: '2030-01-02T12:00:00.000Z' }, now)
    expect(asked).toMatchObject({ ok: false, refusal: { code: 'track.window-empty', field: '/from' } })
  })

  it('is refused beyond a day, with the limit and the width that was asked for', () => {
    const asked = trackWindow({ from: '2030-01-01T11:59:59.999Z' }, now)
    expect(asked).toMatchObject({ ok: false, refusal: { limit: windowMsMax, value: windowMsMax + 1 } })
  })
})

describe('a track', () => {
  it('goes in the order of time, whatever order the batches came in', async () => {
    const track = toTrack(a, await earliest(batches([at(30), at(10)], [at(20)])))

    expect(track.properties.times.map((time) => Date.parse(time))).toEqual([10, 20, 30])
    expect(track.properties.truncated).toBe(false)
    expect(TrackReply.parse(track)).toEqual(track)
  })

  it('gives the earliest points where there are too many, and says so', async () => {
    const many = Array.from({ length: 9 }, (_, i) => [at(100 - i)])
    const track = toTrack(a, await earliest(batches(...many, [at(1), at(2)]), 3), { max: 3 })

    expect(track.properties.times.map((time) => Date.parse(time))).toEqual([1, 2, 92])
    expect(track.properties).toMatchObject({ truncated: true, next: '92.1.92' })
  })
})

describe('pages of a track', () => {
  const points = fc.uniqueArray(
    fc.record({ takenAtMs: fc.nat(4), boot: fc.integer({ min: 1, max: 2 }), seq: fc.integer({ min: 1, max: 9 }) }),
    { maxLength: 30, selector: ({ boot, seq }) => `${boot}/${seq}` },
  )

  it('are together the whole, however many points have one time', async () => {
    let ties = 0
    await fc.assert(
      fc.asyncProperty(points, fc.integer({ min: 1, max: 5 }), async (given, max) => {
        const all = given.map(({ takenAtMs, ...rest }) => position(a, { ...rest, takenAtMs: UnixMs.parse(takenAtMs) }))
        const whole = await earliest(batches(all))
        const paged = []
        let after: ReturnType<typeof pointOf> | null = null
        for (let page = 0; page <= all.length; page++) {
          const some = await earliest(batches(all), max, after)
          paged.push(...some.slice(0, max))
          const { next } = toTrack(a, some, { max }).properties
          if (next === null) break
          after = pointOf(next)
        }
        ties += new Set(given.map(({ takenAtMs }) => takenAtMs)).size < given.length ? 1 : 0
        expect(paged).toEqual(whole)
      }),
      { seed: 8 },
    )
    expect(ties).toBeGreaterThan(50)
  })

  it.each([
    [0, null],
    [1, 'Point'],
    [2, 'LineString'],
  ])('of %i points are GeoJSON', async (count, type) => {
    const track = toTrack(a, await earliest(batches([at(10), at(20)].slice(0, count))))

    expect(track.geometry?.type ?? null).toBe(type)
    expect(verticesOf(TrackReply.parse(track))).toHaveLength(count)
  })
})

describe('a decimated track', () => {
  const east = Array.from({ length: 50 }, (_, i) => ({ ...at(i + 1), lat: 43.6, lon: 7 + i * 1e-4 }))
  const north = Array.from({ length: 50 }, (_, i) => ({ ...at(i + 51), lat: 43.6 + i * 1e-4, lon: 7.0049 }))

  it('keeps the ends and the corners, with their times', () => {
    const track = toTrack(a, [...east, ...north], { toleranceM: 5 })

    expect(verticesOf(track).map(([lon, lat]) => [lon, lat])).toEqual([
      [7, 43.6],
      [7.0049, 43.6],
      [7.0049, 43.6049],
    ])
    expect(track.properties.times).toHaveLength(3)
  })

  it('is the whole track where nothing may be left out', () => {
    expect(decimated([...east, ...north], 0)).toHaveLength(100)
  })
})
