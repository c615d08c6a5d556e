import { silentLog } from '@fleet/runtime/log'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { Answer } from './downstream.ts'
import { type LastPositions, startLastPositions } from './last-positions.ts'
import { operator } from './testing/doubles.ts'
import { position } from './testing/examples.ts'

const { takenAtMs: _, ...one } = position()
const items = [{ ...one, takenAt: '2027-01-01T00:00:00.000Z' }]
const told: Answer = { ok: true, status: 200, headers: {}, body: { items } }
const silent: Answer = { ok: false, refusal: { code: 'service.unavailable', value: 'position' } }
const of = { caller: operator, correlationId: 'c', signal: new AbortController().signal }

let ms = 0
let last: LastPositions | undefined
afterEach(async () => last?.close())
const start = (ask: () => Promise<Answer>) => {
  last = startLastPositions({ position: { ask }, nowMs: () => ms, log: silentLog(), everyMs: 60_000 })
  return last
}

describe('the last positions', () => {
  it("are the service's own while it answers, and afterwards marked stale, with their age", async () => {
    let answer: Answer = told
    const positions = start(async () => answer)

    const fresh = await positions.answer(of)
    answer = silent
    ms += 7_000
    const stale = await positions.answer(of)

    expect(fresh).toMatchObject({ kind: 'json', status: 200, body: { items } })
    expect(stale).toMatchObject({ kind: 'json', status: 200, headers: { age: '7' }, body: { items, stale: true } })
    expect(await positions.snapshot()).toMatchObject({ items, stale: true })
  })

  it('are those within a box, where one is asked for', async () => {
    const { lat, lon } = one
    const box = (east: number) => ({ west: lon, south: lat, east, north: lat })
    const positions = start(async () => told)

    expect(await positions.answer(of, box(lon))).toMatchObject({ body: { items } })
    expect(await positions.answer(of, { ...box(180), west: lon + 1 })).toMatchObject({ body: { items: [] } })
  })

  it('are a refusal where there never were any', async () => {
    expect(await start(async () => silent).answer(of)).toMatchObject({ refusal: { code: 'service.unavailable' } })
  })
})
