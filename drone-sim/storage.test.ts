/** What outlives the simulator's process: the drones' memories, the world, and the ledger. */
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
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
  it('forgets a memory that was not written whole, and says which line it cannot read', () => {
    const file = join(folder, 'memories.jsonl')
    const memory = newMemory(droneId, base)
    openNonVolatileStore(folder).store(memory)
    appendFileSync(file, '{"boot":')
    expect(openNonVolatileStore(folder).load(droneId)).toEqual(memory)

    appendFileSync(file, '{"boot":\n')
    expect(() => openNonVolatileStore(folder)).toThrow('memories.jsonl: line 2')
  })
  it('does not grow without end', () => {
    const store = openNonVolatileStore(folder)
    const rig = createRig()
    rig.wake()
    const { memory } = rig.drone()
    const large = { ...memory, outbox: Array.from({ length: 400 }, () => memory.outbox).flat() }
    const bytes = Buffer.byteLength(JSON.stringify(large))
    for (let boot = 1; boot * bytes < 9_000_000; boot += 1) store.store({ ...large, boot })

    expect(statSync(join(folder, 'memories.jsonl')).size).toBeLessThan(4.5 * 1_048_576)
    expect(readdirSync(folder)).toEqual(['memories.jsonl'])
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
    world.fly(droneId, out, { seconds: 30, load: 1, windMps: 0, random: () => 0, worldNow: () => atMs })
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
    world.fly(droneId, out, { seconds: 10_000, load: 1, windMps: 0, random: () => 0, worldNow: () => atMs })
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
