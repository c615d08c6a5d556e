/** What outlives the simulator's process: the drones' memories, the world, and the ledger. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { droneModel } from '@fleet/contracts/drone-model'
import { Itinerary } from '@fleet/contracts/itineraries'
import { UnixMs } from '@fleet/contracts/units'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { readLedger } from './ledger.ts'
import { newMemory } from './memory.ts'
import { openNonVolatileStore } from './non-volatile-store.ts'
import { base, createRig, droneId, itinerary } from './testing/rig.ts'
import { openWorld } from './world.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleet-sim-store-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const atMs = UnixMs.parse(1_800_000_000_000)
const flight = Itinerary.parse({ ...itinerary(), droneId })
const out = {
  kind: 'fly',
  to: flight.dropOff,
  cruiseHeightM: droneModel.cruiseHeightM,
  cruiseSpeedMps: droneModel.cruiseSpeedMps,
  endHeightM: droneModel.handOverHeightM,
} as const

describe('a non-volatile store', () => {
  it('gives back every memory that a flight leaves, and nothing for a drone that it never saw', () => {
    const store = openNonVolatileStore(folder)
    const rig = createRig()
    expect(store.load(droneId)).toBeNull()

    rig.wake()
    rig.hear('itinerary.assigned', itinerary())
    for (let times = 0; times < 20; times += 1) {
      rig.fly(7)
      const { memory } = rig.drone()
      store.store(memory)
      expect(openNonVolatileStore(folder).load(droneId)).toEqual(memory)
    }
  })
  it('leaves no half-written file behind, and says which file it cannot read', () => {
    const store = openNonVolatileStore(folder)
    store.store(newMemory(droneId, base))
    expect(readdirSync(folder)).toEqual([`${droneId}.json`])

    writeFileSync(join(folder, `${droneId}.json`), '{"boot":')
    expect(() => store.load(droneId)).toThrow(`${droneId}.json`)
  })
})

describe('the world', () => {
  const open = () => openWorld(folder, [{ droneId, base }])
  const events = () => readLedger(join(folder, 'ledger.jsonl')).map(({ event }) => event)

  it('begins with every drone charged at its base', () => {
    expect(open().sensed(droneId)).toMatchObject({ place: base, batteryPct: 100, onGround: true, parcelAboard: false })
  })
  it('goes on where it stood, with the parcels as the ledger says, whatever the last snapshot says', () => {
    const world = open()
    world.loadParcel(droneId, flight, atMs)
    world.fly(droneId, out, { seconds: 30, load: 1, windMps: 0, random: () => 0, atMs })
    world.snapshot()
    const seen = world.sensed(droneId)
    expect(open().sensed(droneId)).toEqual(seen)

    world.letGo(droneId, atMs)
    writeFileSync(
      join(folder, 'world', 'bodies.json'),
      JSON.stringify({ [droneId]: { ...bodyOf(seen), weightG: 900 } }),
    )
    expect(open().sensed(droneId)).toMatchObject({ parcelAboard: false })
  })
  it('writes each parcel down once, however often it is loaded or taken off', () => {
    const world = open()
    world.loadParcel(droneId, flight, atMs)
    world.loadParcel(droneId, flight, atMs)
    world.unloadParcel(droneId, atMs)
    world.unloadParcel(droneId, atMs)
    world.letGo(droneId, atMs)
    expect(events()).toEqual(['loaded', 'brought-home'])
  })
  it('loses the parcel with the drone that falls', () => {
    const world = open()
    world.loadParcel(droneId, flight, atMs)
    world.fly(droneId, out, { seconds: 10_000, load: 1, windMps: 0, random: () => 0, atMs })
    expect(world.isWrecked(droneId)).toBe(true)
    expect(events()).toEqual(['loaded', 'lost'])
    expect(open().isWrecked(droneId)).toBe(true)
  })
})

const bodyOf = ({
  place,
  heightM,
  speedMps,
  headingDeg,
  batteryPct,
}: ReturnType<ReturnType<typeof openWorld>['sensed']>) => ({
  state: 'airborne',
  climbMps: 0,
  place,
  heightM,
  speedMps,
  headingDeg,
  batteryPct,
})
