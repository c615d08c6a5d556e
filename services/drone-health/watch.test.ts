import type { DronePosition } from '@fleet/contracts/drone-positions'
import { type DroneId, ItineraryId } from '@fleet/contracts/ids'
import { describe, expect, it } from '@jest/globals'
import { base, groundAltitudeM } from './testing/flights.ts'
import { openSkies } from './testing/skies.ts'

type Skies = ReturnType<typeof openSkies>

const lookMs = 500
/** How long the simulated drone's reboot takes. */
const darkMs = 4_000

/**
 * Flies for `seconds`; each second the drones send, but for those that `silent` names. A drone that is ordered to reboot does so,
 * unless `wakes` says no. Before each look, `meanwhile` may interfere.
 */
async function fly(
  skies: Skies,
  seconds: number,
  {
    silent = () => false,
    wakes = () => true,
    spoil = (one: DronePosition): DronePosition | string => one,
    meanwhile = async () => undefined,
    seq = 1,
  }: {
    silent?: (droneId: DroneId, boot: number) => boolean
    wakes?: (droneId: DroneId) => boolean
    spoil?: (one: DronePosition, boot: number) => DronePosition | string
    meanwhile?: (look: number) => Promise<void>
    /** The first, where it goes on. */
    seq?: number
  } = {},
) {
  const crafts = new Map(
    skies.ids.map((droneId) => [droneId, { boot: 1, seq, wakesAtMs: -1, executed: new Set<string>() }]),
  )
  for (let look = 0; look < (seconds * 1_000) / lookMs; look++) {
    for (const [droneId, craft] of crafts) {
      const ordered = [...skies.commands].find(
        ([id, { droneId: to, kind }]) => to === droneId && kind === 'reboot' && !craft.executed.has(id),
      )
      if (ordered && wakes(droneId)) {
        craft.executed.add(ordered[0])
        craft.wakesAtMs = skies.nowMs() + darkMs
      }
      if (craft.wakesAtMs >= 0 && skies.nowMs() >= craft.wakesAtMs) {
        Object.assign(craft, { boot: craft.boot + 1, seq: 1, wakesAtMs: -1 })
        skies.boots(droneId, craft.boot)
      }
      if (craft.wakesAtMs >= 0 || silent(droneId, craft.boot) || look % 2 === 1) continue
      await skies.send(droneId, craft.boot, craft.seq, (one) => spoil(one, craft.boot))
      craft.seq += 1
    }
    await meanwhile(look)
    await skies.look(lookMs)
  }
}

const recovery = ['suspect', 'unresponsive', 'rebooting', 'recovering', 'healthy']

describe('the watch', () => {
  it('finds nothing to say of healthy drones', async () => {
    const skies = openSkies({ count: 12 })
    await fly(skies, 60)
    expect(skies.changes).toEqual([])
    expect(skies.links).toEqual([])
  })

  it('reboots a drone that fell silent, within five seconds to the first suspicion, and finds it well again', async () => {
    const skies = openSkies()
    const suspectedAtMs: number[] = []
    await fly(skies, 40, {
      silent: (_, boot) => boot === 1 && skies.nowMs() >= 10_000,
      meanwhile: async () => {
        if (skies.path().length === 1 && suspectedAtMs.length === 0) suspectedAtMs.push(skies.nowMs())
      },
    })

    expect(skies.path()).toEqual(recovery)
    expect([...skies.commands.values()].map(({ kind }) => kind)).toEqual(['reboot'])
    expect(suspectedAtMs[0]).toBeLessThanOrEqual(15_000)
  })

  it('holds the silence of a drone at rest against nobody, and counts anew from its take-off', async () => {
    const skies = openSkies()
    const [droneId] = skies.ids
    if (droneId === undefined) throw new Error('no drone')
    skies.reports(droneId, true)
    const silent = () => skies.nowMs() >= 2_000
    await fly(skies, 20, { silent })
    skies.reports(droneId, false)
    await fly(skies, 2, { silent })
    expect(skies.changes).toEqual([])

    await fly(skies, 6, { silent })
    expect(skies.path()[0]).toBe('suspect')
  })

  it('judges no drone by an itinerary that it may no longer fly', async () => {
    const skies = openSkies({ count: 2 })
    const [stale, known] = skies.ids
    const facts = stale && skies.facts.get(stale)
    if (!facts) throw new Error('no drone')
    skies.facts.set(stale, { ...facts, flies: ItineraryId.parse('itn_newer') })
    await fly(skies, 20, { spoil: (one) => ({ ...one, lat: one.lat + 0.002 }) })

    expect(skies.changes.filter(({ rule }) => rule === 'corridor').map(({ droneId }) => droneId)).toContain(known)
    expect(skies.path(stale)).toEqual([])
  })

  it('judges no drone that was home since its last report, and again from the next, also one that stands on for a moment', async () => {
    const skies = openSkies({ count: 2 })
    const [late, told] = skies.ids
    if (!late || !told) throw new Error('no drone')
    const home = { ...base, altitudeM: groundAltitudeM, speedMps: 0 }
    const spoil = (one: DronePosition) =>
      skies.nowMs() < 14_000 ? { ...one, ...home } : { ...one, lat: one.lat + 0.002 }
    await fly(skies, 10, { spoil })
    skies.reports(told, false)
    await fly(skies, 20, { spoil, seq: 11 })

    const accused = skies.changes.filter(({ rule }) => rule === 'corridor').map(({ droneId }) => droneId)
    expect([...new Set(accused)]).toEqual([told])
  })

  it('grounds a drone that does not come back, after two tries and within half a minute', async () => {
    const skies = openSkies()
    await fly(skies, 40, { silent: () => skies.nowMs() >= 10_000, wakes: () => false })
    expect(skies.path().at(-1)).toBe('grounded')
    expect(skies.commands.size).toBe(2)
  })

  it('catches nonsense, and grounds a drone whose reboot does not help', async () => {
    const skies = openSkies()
    await fly(skies, 40, { spoil: (one) => (skies.nowMs() >= 10_000 ? '{"droneId":7}' : one) })
    expect(skies.path()).toEqual(['suspect', 'defective', 'rebooting', 'recovering', 'defective', 'grounded'])
    expect(skies.changes[0]?.rule).toBe('nonsense')
  })

  it('comes to the same end, by the same commands, whenever it is restarted', async () => {
    // It falls silent at look 20, and is well again about look 60.
    for (let restarted = 18; restarted < 62; restarted += 2) {
      const skies = openSkies()
      await fly(skies, 50, {
        silent: (_, boot) => boot === 1 && skies.nowMs() >= 10_000,
        meanwhile: async (look) => {
          if (look === restarted) await skies.restart()
        },
      })
      expect({ restarted, path: skies.path(), commands: skies.commands.size }).toEqual({
        restarted,
        path: recovery,
        commands: 1,
      })
    }
  })

  it('comes to the same end when the answers of its writes are lost', async () => {
    const skies = openSkies()
    skies.failing.answersLost = 3
    await fly(skies, 45, { silent: (_, boot) => boot === 1 && skies.nowMs() >= 10_000 })
    expect(skies.path()).toEqual(recovery)
    expect(skies.commands.size).toBe(1)
  })

  it.each([1, 10])('calls nobody silent when it was blind itself (world speed %s)', async (speed) => {
    const skies = openSkies({ count: 4, speed })
    const outage = { from: 10_000, to: 10_000 + 6_000 * speed }
    const out = () => skies.nowMs() >= outage.from && skies.nowMs() < outage.to
    // Links find the new leader some seconds after us.
    const quiet = () => skies.nowMs() >= outage.from && skies.nowMs() < outage.to + 4_000 * speed
    await fly(skies, 30 + 15 * speed, { silent: quiet, meanwhile: async () => skies.blind(out()) })
    expect(skies.changes).toEqual([])
  })

  it('judges no drone by a way that it may have left, while its reports stand unread', async () => {
    const skies = openSkies()
    // Half a kilometre beside the way that we know of; its report of another stands unread.
    const beside = (one: DronePosition) => ({ ...one, lat: one.lat + 0.0045 })
    skies.deaf(true)
    await fly(skies, 30, { spoil: beside })
    expect(skies.changes).toEqual([])

    skies.deaf(false)
    await fly(skies, 25, { spoil: beside, seq: 31 })
    expect(skies.changes[0]).toMatchObject({ to: 'suspect', rule: 'corridor' })
  })

  it('judges no drone by half of what its report wrote: that it flies, and still by the way before', async () => {
    const skies = openSkies()
    const [droneId] = skies.ids
    const facts = droneId && skies.facts.get(droneId)
    if (!facts) throw new Error('no drone')
    skies.reports(droneId, true)
    const beside = (one: DronePosition) => ({ ...one, lat: one.lat + 0.0045 })
    await fly(skies, 10, { spoil: beside })
    skies.between.written = () => {
      skies.reports(droneId, false)
      skies.facts.set(droneId, { ...facts, flies: ItineraryId.parse('itn_newer') })
    }
    await fly(skies, 5, { spoil: beside, seq: 11 })

    expect(skies.changes).toEqual([])
  })

  it.each([
    ['the ground', 0.5, undefined],
    ['the air', 60, 'silent'],
  ])('judges the silence after a last word from %s, while reports stand unread', async (_from, heightM, expected) => {
    const skies = openSkies()
    skies.deaf(true)
    await fly(skies, 20, {
      silent: () => skies.nowMs() >= 10_000,
      spoil: (one) => ({ ...one, altitudeM: groundAltitudeM + heightM }),
    })
    expect(skies.changes[0]).toEqual(expected && expect.objectContaining({ to: 'suspect', rule: expected }))
  })

  it('accuses nobody of ignoring whose answer may stand unread, and who does not answer once all was read', async () => {
    const skies = openSkies()
    const [droneId] = skies.ids
    if (!droneId) throw new Error('a drone is due')
    // It has answered; the report lies in the topic, behind others.
    skies.answers(droneId, false)
    const deafUntilMs = 60_000
    const deaf = () => skies.nowMs() >= 5_000 && skies.nowMs() < deafUntilMs
    await fly(skies, 62, { meanwhile: async () => skies.deaf(deaf()) })
    skies.answers(droneId, true)
    await fly(skies, 30, { seq: 63 })
    expect(skies.changes).toEqual([])

    skies.answers(droneId, false)
    const ignoredFromMs = skies.nowMs()
    await fly(skies, 25, { seq: 93 })
    expect(skies.changes[0]).toMatchObject({ to: 'suspect', rule: 'ignores' })
    expect(skies.nowMs() - ignoredFromMs).toBeGreaterThan(20_000)
  })

  it('raises one alarm when many fall silent together, and reboots nobody before the limit', async () => {
    const skies = openSkies({ count: 12 })
    const lost = new Set(skies.ids.slice(0, 6))
    await fly(skies, 100, {
      silent: (droneId) => lost.has(droneId) && skies.nowMs() >= 10_000 && skies.nowMs() < 80_000,
    })
    expect(skies.links).toEqual(['lost', 'up'])
    expect(skies.changes).toEqual([])
  })

  it('lets their silence count when the limit has passed', async () => {
    const skies = openSkies({ count: 12 })
    const lost = new Set(skies.ids.slice(0, 6))
    const seconds = 10 + skies.limits.link.lostMsMax / 1_000 + 20
    await fly(skies, seconds, { silent: (droneId, boot) => boot === 1 && lost.has(droneId) && skies.nowMs() >= 10_000 })
    expect(skies.links.slice(0, 2)).toEqual(['lost', 'judged'])
    expect(new Set([...skies.commands.values()].map(({ droneId }) => droneId))).toEqual(lost)
  })

  it('says what keeps a grounded drone from its release', async () => {
    const skies = openSkies()
    const [droneId] = skies.ids
    if (!droneId) throw new Error('a drone is due')
    expect(skies.fault(droneId)).toBe('nothing was heard of it')
    await fly(skies, 10)
    expect(skies.fault(droneId)).toBe('it is in flight')
  })
})

describe('the watch over a fleet at rest', () => {
  /** One drone that stands, and the looks that find nothing. */
  const openRest = async () => {
    const written = { now: false }
    const skies = openSkies({ hasWritten: () => written.now })
    for (const droneId of skies.ids) skies.reports(droneId, true)
    await skies.look(lookMs)
    return { skies, written, before: skies.viewsRead() }
  }

  it('reads the database anew where this process has written, and after a while for what others wrote', async () => {
    const { skies, written, before } = await openRest()

    for (let look = 0; look < 4; look++) await skies.look(lookMs)
    expect(skies.viewsRead()).toBe(before)

    written.now = true
    await skies.look(lookMs)
    expect(skies.viewsRead()).toBe(before + 1)

    written.now = false
    await skies.look(10_000)
    expect(skies.viewsRead()).toBe(before + 2)
  })

  it('reads it at every look once a drone flies', async () => {
    const { skies, written, before } = await openRest()

    written.now = true
    for (const droneId of skies.ids) skies.reports(droneId, false)
    await skies.look(lookMs)
    written.now = false
    for (let look = 0; look < 3; look++) await skies.look(lookMs)

    expect(skies.viewsRead()).toBe(before + 4)
  })
})
