import { AccountingReply, LatestPositionsReply, TrackReply, verticesOf } from '@fleet/contracts/rest'
import { UnixMs } from '@fleet/contracts/units'
import { createHealth } from '@fleet/runtime/health'
import { startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { describe, expect, it } from '@jest/globals'
import { takeIn } from './intake.ts'
import { apply, emptyPartition } from './partition.ts'
import { positionRoutes } from './routes.ts'
import { drone, forged, position, recordOf, registryOf, signed } from './testing/drones.ts'

const a = drone('a')
const registry = registryOf(a)
const nowMs = UnixMs.parse(1_700_000_100_000)

/** The routes over one partition that had these messages, asked by an operator. */
async function serve() {
  const positions = [1, 2, 4].map((seq) => position(a, { seq }))
  const records = [...positions.map((one) => signed('t', a, one)), forged(signed('t', a, position(a, { seq: 3 })))]
  const before = emptyPartition(0)
  const judges = { ...registry, partitions: 1 }
  const { effect } = await takeIn(
    records.map((one) => recordOf('t', one)),
    before,
    judges,
  )
  const within = async function* ({ fromMs, toMs }: { fromMs: number; toMs: number }) {
    yield effect.stored.filter(({ takenAtMs }) => takenAtMs >= fromMs && takenAtMs <= toMs)
  }
  const state = apply(before, effect, { number: 1, offset: 4 })
  const server = await startHttp({
    host: '127.0.0.1',
    port: 0,
    routes: positionRoutes({
      partitions: { fresh: async () => [state] },
      store: { positionsOf: within, positionsIn: within },
      ceilings: { all: async () => [{ droneId: a, boots: [{ boot: position(a).boot, seqMax: 64 }] }] },
      clock: { worldNow: () => nowMs },
      isEnrolled: registry.isEnrolled,
    }),
    authenticate: (role) =>
      role === 'operator' ? { role: 'operator', sub: 'op' } : { code: 'auth.missing', field: 'Authorization' },
    health: createHealth(),
    log: silentLog(),
  })
  return {
    get: async (path: string, authorization = 'operator') => {
      const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { authorization } })
      return { status: response.status, body: await response.json() }
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}

describe('the routes of positions', () => {
  it('show the newest position of each drone', async () => {
    await using service = await serve()

    const { body } = await service.get('/v1/fleet/positions')

    expect(LatestPositionsReply.parse(body).items).toMatchObject([{ droneId: a, seq: 4, lat: 43.6 }])
  })

  it('show those within a box, and the fleet at a moment in the past', async () => {
    await using service = await serve()
    const seqs = async (query: string) =>
      LatestPositionsReply.parse((await service.get(`/v1/fleet/positions?${query}`)).body).items.map(({ seq }) => seq)

    expect(await seqs('bbox=7,43,8,44')).toEqual([4])
    expect(await seqs('bbox=8,43,9,44')).toEqual([])
    expect(await seqs('at=2023-11-14T22:13:22.500Z')).toEqual([2])
    expect(await seqs('at=2023-11-14T22:20:00.000Z')).toEqual([])
  })

  it('give a track page by page', async () => {
    await using service = await serve()
    const page = async (query: string) =>
      TrackReply.parse((await service.get(`/v1/drones/${a}/track?${query}`)).body).properties

    const first = await page('limit=2')
    const second = await page(`limit=2&after=${first.next}`)

    expect(first).toMatchObject({ times: ['2023-11-14T22:13:21.000Z', '2023-11-14T22:13:22.000Z'], truncated: true })
    expect(second).toMatchObject({ times: ['2023-11-14T22:13:24.000Z'], truncated: false, next: null })
  })

  it('give the track of the last hour, or of the window asked for', async () => {
    await using service = await serve()

    const hour = TrackReply.parse((await service.get(`/v1/drones/${a}/track`)).body)
    const window = 'from=2023-11-14T22:13:22.000Z&to=2023-11-14T22:13:23.500Z'
    const second = TrackReply.parse((await service.get(`/v1/drones/${a}/track?${window}`)).body)

    expect(verticesOf(hour)).toHaveLength(3)
    expect(second.properties.times).toEqual(['2023-11-14T22:13:22.000Z'])
  })

  it.each([
    ['/v1/drones/drn_stranger/track', 404, 'drone.unknown'],
    [`/v1/drones/${a}/track?from=yesterday`, 400, 'request.invalid'],
    [`/v1/drones/${a}/track?since=1`, 400, 'request.invalid'],
    [`/v1/drones/${a}/track?limit=0`, 400, 'request.invalid'],
    [`/v1/drones/${a}/track?after=2023-11-14T22:13:24.000Z`, 400, 'request.invalid'],
    ['/v1/fleet/positions?bbox=8,43,7,44', 400, 'request.invalid'],
    [`/v1/drones/${a}/track?from=2020-01-01T00:00:00Z`, 422, 'track.window-too-wide'],
  ])('refuse %s with %i', async (path, status, code) => {
    await using service = await serve()

    expect(await service.get(path)).toMatchObject({ status, body: { code } })
  })

  it('account for every sequence', async () => {
    await using service = await serve()

    const accounting = async (query = '') =>
      AccountingReply.parse((await service.get(`/v1/fleet/accounting${query}`)).body)
    const { items, total, refusedMessages } = await accounting()

    expect(items).toMatchObject([{ givenOut: 4, stored: 3, refused: 1, missing: 0, missingRanges: [], unheard: 60 }])
    expect(total).toEqual({ boots: 1, givenOut: 4, stored: 3, refused: 1, missing: 0, copies: 0, unheard: 60 })
    expect(refusedMessages).toEqual({ 'mac-wrong': 1 })
    expect((await accounting(`?droneId=${a}`)).items).toEqual(items)
    expect(await service.get('/v1/fleet/accounting?droneId=drn_stranger')).toMatchObject({ status: 404 })
  })

  it('tell nothing to who does not say who it is', async () => {
    await using service = await serve()

    expect((await service.get('/v1/fleet/positions', 'nobody')).status).toBe(401)
  })
})
