import { distanceM } from '@fleet/geo/distance'
import { describe, expect, it } from '@jest/globals'
import { base, createRig, itinerary, type Rig } from './testing/rig.ts'

const inTheAir = () => {
  const rig = createRig()
  rig.wake()
  rig.fly(2)
  rig.hear('itinerary.assigned', itinerary())
  rig.fly(25)
  return rig
}
const finished = (rig: Rig) =>
  rig.reports.flatMap((report) => (report.type === 'command.finished' ? [report.data.outcome] : []))
const lastType = (rig: Rig) => rig.reports.at(-1)?.type

describe('a command', () => {
  it('to hold stops the drone in the air, and to resume lets it go on', () => {
    const rig = inTheAir()
    rig.command('hold')
    rig.fly(20)
    const heldAt = rig.body().place
    rig.fly(20)
    expect(rig.body().place).toEqual(heldAt)
    rig.command('resume')
    rig.fly(20)
    expect(distanceM(rig.body().place, heldAt)).toBeGreaterThan(10)
    expect(finished(rig)).toEqual(['succeeded', 'succeeded'])
  })
  it('to return brings drone and parcel home, and has succeeded when it has landed', () => {
    const rig = inTheAir()
    rig.command('return')
    expect(finished(rig)).toEqual([])
    rig.fly(200)
    expect(finished(rig)).toEqual(['succeeded'])
    expect(distanceM(rig.body().place, base)).toBeLessThan(1)
    expect(rig.reports.find(({ type }) => type === 'parcel.kept')?.data).toMatchObject({ reason: 'commanded' })
  })
  it('to land brings it down where it is, and a later return from there home', () => {
    const rig = inTheAir()
    rig.command('land')
    rig.fly(100)
    expect(rig.body().state).toBe('on-ground')
    expect(distanceM(rig.body().place, base)).toBeGreaterThan(1)
    rig.command('return')
    rig.fly(200)
    expect(distanceM(rig.body().place, base)).toBeLessThan(101)
    expect(finished(rig)).toEqual(['succeeded', 'succeeded'])
  })
  it('to reboot is acknowledged by the boot that it ends and finished by the next', () => {
    const rig = inTheAir()
    rig.command('reboot')
    expect(lastType(rig)).toBe('command.acknowledged')
    expect(rig.drone().computer).toBeNull()
    rig.wake()
    expect(rig.reports.slice(-2)).toMatchObject([
      { type: 'booted', data: { boot: 2 } },
      { type: 'command.finished', data: { outcome: 'succeeded', boot: 2 } },
    ])
  })
  it('to reboot a boot that is over is refused', () => {
    const rig = inTheAir()
    rig.command('reboot', { endsBoot: 9 })
    expect(finished(rig)).toEqual(['refused'])
    expect(rig.drone().computer).not.toBeNull()
  })
  it('that is older than its time to live expires', () => {
    const rig = inTheAir()
    rig.fly(40)
    rig.command('return', { ageMs: 30_001 })
    expect(finished(rig)).toEqual(['expired'])
    expect(rig.drone().memory.flight?.leg).toBe('outbound')
  })
  it.each([
    ['of unknown age', null],
    ['sent before the last boot', 29_000],
  ])('%s expires', (_name, ageMs) => {
    const rig = inTheAir()
    rig.command('hold', { ageMs })
    expect(finished(rig)).toEqual(['expired'])
  })
  it('that a newer one overtakes has failed', () => {
    const rig = inTheAir()
    rig.command('return')
    rig.command('hold')
    expect(finished(rig)).toEqual(['failed', 'succeeded'])
  })
})
