/** Promise 2 and the memory rules, over arbitrary runs: messages in any order, powers cut anywhere, permits right and wrong. */
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createRig, itinerary, type Rig } from './testing/rig.ts'

const seconds = fc.constantFrom(1, 2, 7, 21, 40, 90)
const order = fc.integer({ min: 1, max: 2 })
const epoch = fc.integer({ min: 1, max: 3 })
/** Mostly the right answer, since wrong ones alone never get a drone to let go. */
const mostly = <Value>(right: Value, ...wrong: Value[]) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: fc.constantFrom(...wrong) })

const move = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('fly' as const), seconds }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('assign' as const), order, epoch }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      refuse: mostly(false, true),
      question: mostly(0, 1, 2),
      bootsOff: mostly(0, -1, 1),
      epochsOff: mostly(0, 1),
      permitMs: mostly(60_000, 1_000, 10_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('recall' as const), order, epoch }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const), afterActs: fc.constantFrom(0, 0, 1, 2) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wake' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('defer' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pause' as const), ms: fc.constantFrom(500, 61_000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('command' as const),
      type: fc.constantFrom('hold' as const, 'resume' as const, 'return' as const, 'land' as const, 'reboot' as const),
    }),
  },
)
type Move = typeof move extends fc.Arbitrary<infer Value> ? Value : never

type Grant = { permitRequestId: string; boot: number; itineraryId: string; epoch: number; permitMs: number }

/** Plays a run and gives every grant that was said. */
function play(rig: Rig, moves: readonly Move[]): Grant[] {
  const grants: Grant[] = []
  rig.wake()
  for (const one of moves) {
    switch (one.do) {
      case 'fly':
        rig.fly(one.seconds)
        break
      case 'assign':
        rig.hear('itinerary.assigned', itinerary({ ...one, distanceM: 60 }))
        break
      case 'recall': {
        const { itineraryId, orderId, epoch: recalled } = itinerary(one)
        rig.hear('itinerary.recalled', { itineraryId, orderId, epoch: recalled, reason: 'any' })
        break
      }
      case 'answer': {
        const asked = rig.reports.filter((report) => report.type === 'permit.requested')
        const question = asked.at(-1 - one.question)?.data
        if (question === undefined) break
        const { permitRequestId, itineraryId, orderId } = question
        const boot = Math.max(1, question.boot + one.bootsOff)
        const ids = { permitRequestId, itineraryId, orderId, epoch: question.epoch + one.epochsOff, boot }
        if (one.refuse) rig.hear('permit.refused', { ...ids, reason: 'assignment.stale' })
        else {
          rig.hear('permit.granted', { ...ids, permitMs: one.permitMs })
          if (rig.drone().computer !== null) grants.push({ ...ids, permitMs: one.permitMs })
        }
        break
      }
      case 'cut':
        if (one.afterActs === 0) rig.cutPower()
        else rig.cutPowerAfter(one.afterActs)
        break
      case 'wake':
        rig.wake()
        break
      case 'defer':
        rig.deferActs()
        rig.tick()
        break
      case 'pause':
        rig.pauseBeforeLook(one.ms)
        break
      case 'command':
        rig.command(one.type)
    }
  }
  rig.wake()
  return grants
}

const runs = fc.array(move, { minLength: 10, maxLength: 60, size: 'max' })
const options = { numRuns: 100, seed: 20_260_101 }

describe('in every run, a drone', () => {
  it('lets go only by a permit of this boot, epoch and question that has not run out', () => {
    let handOvers = 0
    fc.assert(
      fc.property(runs, (moves) => {
        const rig = createRig()
        const grants = play(rig, moves)

        handOvers += rig.letGo.length
        for (const { permitRequestId, boot, itineraryId, elapsedMs } of rig.letGo) {
          const askedAtMs = rig.askedAtMs.get(permitRequestId) ?? Number.NaN
          const permits = grants.filter(
            (grant) =>
              grant.permitRequestId === permitRequestId &&
              grant.boot === boot &&
              grant.itineraryId === itineraryId &&
              itineraryId.endsWith(`e${grant.epoch}`) &&
              elapsedMs < askedAtMs + grant.permitMs,
          )
          expect(permits).not.toHaveLength(0)
        }
      }),
      options,
    )
    // A run in which nothing happens proves nothing.
    expect(handOvers).toBeGreaterThan(10)
  })

  it('lets go of a parcel at most once, and says of each flight either kept, handed over, or unknown', () => {
    let unknown = 0
    fc.assert(
      fc.property(runs, (moves) => {
        const rig = createRig()
        play(rig, moves)

        const flights = rig.letGo.map(({ itineraryId }) => itineraryId)
        expect(new Set(flights).size).toBe(flights.length)
        const said = new Map<string, string>()
        for (const { type, data } of rig.reports) {
          if (!('itineraryId' in data) || !type.startsWith('parcel.')) continue
          expect(said.has(data.itineraryId)).toBe(false)
          said.set(data.itineraryId, type)
          if (type === 'parcel.kept') expect(flights).not.toContain(data.itineraryId)
          if (type === 'parcel.handed-over') expect(flights).toContain(data.itineraryId)
          if (type === 'parcel.unknown') unknown += 1
        }
        for (const itineraryId of flights) {
          const inHand = rig.drone().memory.flight?.itinerary.itineraryId === itineraryId
          if (!inHand) expect(said.has(itineraryId)).toBe(true)
        }
      }),
      options,
    )
    expect(unknown).toBeGreaterThan(0)
  })

  it('gives its reports sequences without gaps and ids of their own, and the first of a boot is `booted`', () => {
    fc.assert(
      fc.property(runs, (moves) => {
        const rig = createRig()
        play(rig, moves)

        expect(rig.reports.map(({ seq }) => seq)).toEqual(rig.reports.map((_, index) => index + 1))
        expect(new Set(rig.reports.map(({ id }) => id)).size).toBe(rig.reports.length)
        const boots = Map.groupBy(rig.reports, ({ data }) => data.boot)
        for (const [, [first]] of boots) expect(first?.type).toBe('booted')
      }),
      options,
    )
  })

  it('numbers positions from 1 without gaps, none above what the next boot says of this one', () => {
    fc.assert(
      fc.property(runs, (moves) => {
        const rig = createRig()
        play(rig, moves)

        const boots = Map.groupBy(rig.positions, ({ boot }) => boot)
        for (const [, positions] of boots) {
          expect(positions.map(({ seq }) => seq)).toEqual(positions.map((_, index) => index + 1))
        }
        for (const report of rig.reports) {
          if (report.type !== 'booted' || report.data.before === null) continue
          const { boot, positionSeqMax } = report.data.before
          const highest = boots.get(boot)?.at(-1)?.seq ?? 0
          expect(positionSeqMax).toBeGreaterThanOrEqual(highest)
          expect(positionSeqMax - highest).toBeLessThan(64 + 1)
        }
      }),
      options,
    )
  })

  it('gives every command at most one outcome', () => {
    fc.assert(
      fc.property(runs, (moves) => {
        const rig = createRig()
        play(rig, moves)

        const ended = rig.reports.flatMap((one) => (one.type === 'command.finished' ? [one.data.commandSeq] : []))
        expect(new Set(ended).size).toBe(ended.length)
      }),
      options,
    )
  })
})
