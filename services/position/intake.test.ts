import { describe, expect, it } from '@jest/globals'
import { takeIn } from './intake.ts'
import { account } from './ledger.ts'
import { apply, droneIn, emptyPartition, fromText, type Partition, toText } from './partition.ts'
import { drone, forged, position, recordOf, registryOf, type Sent, signed } from './testing/drones.ts'

const topic = 'positions'
const [a, b] = [drone('a'), drone('b')]
const sent = (given: Parameters<typeof position>[1], from = a) => signed(topic, from, position(from, given))

async function take(messages: readonly Sent[], before: Partition = emptyPartition(0), registry = registryOf(a, b)) {
  const records = messages.map((one, offset) => recordOf(topic, one, { offset }))
  const { effect, letters } = await takeIn(records, before, { ...registry, partitions: 1 })
  const after = apply(before, effect, { number: before.number + 1, offset: messages.length })
  return { effect, letters, after, reasons: letters.map(({ code }) => code) }
}

describe('a batch of positions', () => {
  it('stores each position once, however often it stands in the batch or in the ones before', async () => {
    const first = await take([sent({ seq: 1 }), sent({ seq: 2 }), sent({ seq: 1 })])
    const second = await take([sent({ seq: 2 }), sent({ seq: 3 })], first.after)

    expect(second.effect.stored.map(({ seq }) => seq)).toEqual([3])
    const accounts = droneIn(second.after, a).ledger.boots.map(account)
    expect(accounts).toMatchObject([{ givenOut: 3, stored: 3, missing: 0, copies: 2 }])
    expect([...first.letters, ...second.letters]).toEqual([])
  })

  it.each([
    ['mac-missing', { ...sent({ seq: 2 }), headers: {} }],
    ['mac-wrong', forged(sent({ seq: 2 }))],
    ['schema', sent({ seq: 2, lat: 95 })],
    ['key-differs', signed(topic, a, position(b, { seq: 2 }))],
  ])('refuses %s with a letter, and puts it to the account of the drone', async (reason, spoilt) => {
    const { after, reasons } = await take([sent({ seq: 1 }), spoilt, sent({ seq: 3 })])

    expect(reasons).toEqual([reason])
    const accounts = droneIn(after, a).ledger.boots.map(account)
    expect(accounts).toMatchObject([{ stored: 2, refusedByReason: { [reason]: 1 }, missing: 0 }])
  })

  it('refuses an earlier boot than one already seen, but knows its copies', async () => {
    const { reasons, after } = await take([
      sent({ boot: 1, seq: 1 }),
      sent({ boot: 2, seq: 1 }),
      sent({ boot: 1, seq: 1 }),
      sent({ boot: 1, seq: 2 }),
    ])

    expect(reasons).toEqual(['boot-stale'])
    const [first] = droneIn(after, a).ledger.boots.map(account)
    expect(first).toMatchObject({ stored: 1, copies: 1, refusedByReason: { 'boot-stale': 1 } })
  })

  it.each([
    ['text that is no JSON', '{'],
    ['a message far larger than a position', JSON.stringify({ ...position(a), note: 'x'.repeat(5_000) })],
    ['a number', '1'],
  ])('refuses %s by the schema', async (_, body) => {
    expect((await take([signed(topic, a, body)])).reasons).toEqual(['schema'])
  })

  it('keeps no account of drones that are not enrolled', async () => {
    const stranger = drone('stranger')
    const { after, reasons } = await take([sent({}, stranger), { ...sent({}, stranger), headers: {} }])

    expect(reasons).toEqual(['drone-unknown', 'mac-missing'])
    expect([...after.drones]).toEqual([])
    expect(after.refusedMessages).toEqual({ 'drone-unknown': 1, 'mac-missing': 1 })
  })

  it('refuses what was appended after the revocation and stores what was before', async () => {
    const registry = registryOf(a)
    registry.revoke(a, 1_700_000_000_001)
    expect((await take([sent({})], emptyPartition(0), registry)).reasons).toEqual([])
    registry.revoke(a, 1_700_000_000_000)
    const { reasons, after } = await take([sent({ seq: 2 })], emptyPartition(0), registry)
    expect(reasons).toEqual(['drone-revoked'])
    const accounts = droneIn(after, a).ledger.boots.map(account)
    expect(accounts).toMatchObject([{ givenOut: 2, refusedByReason: { 'drone-revoked': 1 }, missing: 1 }])
  })

  it('shows the newest position, not the last to come', async () => {
    const { after } = await take([sent({ seq: 1 }), sent({ seq: 9 }), sent({ seq: 5 })])

    expect(droneIn(after, a).latest?.seq).toBe(9)
  })

  it('leaves what was before untouched', async () => {
    const { after } = await take([sent({ seq: 1 })])
    const text = toText(after)

    await take([sent({ seq: 2 }), forged(sent({ seq: 3 }))], after)

    expect(toText(after)).toBe(text)
    expect(fromText(text)).toEqual(after)
  })
})
