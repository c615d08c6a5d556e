/** What dispatch makes of a drone's reports, held against the drone that says them. */
import { droneModel } from '@fleet/contracts/drone-model'
import { BaseId, HostId } from '@fleet/contracts/ids'
import { UnixMs } from '@fleet/contracts/units'
import { base, createRig, droneId, itinerary } from '@fleet/drone-sim/testing/rig'
import { distanceM } from '@fleet/geo/distance'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { afterReport, type Drone, enrolled, isIdle } from './drone.ts'

const commands = ['hold', 'resume', 'return', 'land', 'reboot'] as const
const move = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('fly' as const), seconds: fc.constantFrom(1, 2, 7, 40) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('command' as const), type: fc.constantFrom(...commands) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stale' as const), type: fc.constantFrom(...commands) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('misaddress' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('assign' as const), order: fc.nat(50) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drain' as const), batteryPct: fc.constantFrom(10, 20, 60) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cut' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wake' as const) }) },
)
const entry = { droneId, name: 'x', hostId: HostId.parse('host-x'), keyVersion: 1, baseId: BaseId.parse('bas_1') }
const afterAllRests = UnixMs.parse(8_000_000_000_000)

/** Plays `moves` and shows each state of the drone beside what dispatch makes of all that was reported. */
function play(moves: readonly (typeof move extends fc.Arbitrary<infer Value> ? Value : never)[], see: See) {
  const rig = createRig()
  let known = enrolled({ ...entry, enrolledAtMs: UnixMs.parse(0) })
  let taken = 0
  rig.wake()
  for (const one of moves) {
    if (one.do === 'fly') rig.fly(one.seconds)
    else if (one.do === 'command') rig.command(one.type)
    else if (one.do === 'stale') rig.command(one.type, { ageMs: 40_000 })
    else if (one.do === 'misaddress') rig.command('reboot', { endsBoot: 999 })
    else if (one.do === 'assign') rig.hear('itinerary.assigned', itinerary({ order: one.order, distanceM: 60 }))
    else if (one.do === 'drain') rig.drain(one.batteryPct)
    else if (one.do === 'cut') rig.cutPower()
    else rig.wake()
    for (const report of rig.reports.slice(taken)) known = afterReport(known, report, UnixMs.parse(report.at))
    taken = rig.reports.length
    see(known, rig)
  }
}
type See = (known: Drone, rig: ReturnType<typeof createRig>) => void

const runs = fc.array(move, { minLength: 10, maxLength: 60, size: 'max' })
const options = { numRuns: 300, seed: 20_261_127 }

describe('in every run, a drone', () => {
  it('that counts as idle is neither held nor away from its base', () => {
    let [idle, held] = [0, 0]
    fc.assert(
      fc.property(runs, (moves) =>
        play(moves, (known, rig) => {
          const { computer } = rig.drone()
          if (computer?.held) held += 1
          if (computer === null || !isIdle(known, base, afterAllRests)) return
          idle += 1
          expect(computer.held).toBe(false)
          expect(distanceM(rig.body().place, base)).toBeLessThanOrEqual(droneModel.atBaseM)
        }),
      ),
      options,
    )
    expect(idle).toBeGreaterThan(100)
    expect(held).toBeGreaterThan(100)
  })

  it('that stands with no command in hand is held for dispatch where it is, and nowhere else', () => {
    const seen = { held: 0, free: 0 }
    fc.assert(
      fc.property(runs, (moves) =>
        play(moves, (known, rig) => {
          const { computer, memory } = rig.drone()
          const isAtRest = rig.body().state === 'on-ground' && memory.flight === null && memory.diversion === null
          if (computer === null || !isAtRest) return
          seen[computer.held ? 'held' : 'free'] += 1
          expect(known.held).toBe(computer.held)
        }),
      ),
      options,
    )
    expect(Math.min(seen.held, seen.free)).toBeGreaterThan(100)
  })
})
