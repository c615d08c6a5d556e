/** Whatever evening it was: as it was, it is valid; with one thing planted in it, that thing is found, and called what it is. */

import { DroneId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { Epoch } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { judge } from './checker.ts'
import { type Evening, handOver, orderIdOf, placeOf, quietEvening } from './testing/quiet-evening.ts'

const size = fc.record({
  orders: fc.integer({ min: 1, max: 12 }),
  commands: fc.integer({ min: 1, max: 6 }),
  positions: fc.integer({ min: 1, max: 200 }),
})

type Kind = 'lost' | 'doubled' | 'unexpected'
/** `at`: which of the orders, commands or positions it is planted in, as a share. */
type Planted = { kind: Kind; plant: (evening: Evening, at: number) => Evening }

const pickOf = (length: number, at: number) => Math.min(length - 1, Math.floor(at * length))
const changed = <T>(all: readonly T[], at: number, change: (one: T) => T): T[] =>
  all.map((one, index) => (index === pickOf(all.length, at) ? change(one) : one))
const without = <T>(all: readonly T[], at: number): T[] => all.filter((_, index) => index !== pickOf(all.length, at))
const evidence = (evening: Evening, change: Partial<Evening['evidence']>): Evening => ({
  ...evening,
  evidence: { ...evening.evidence, ...change },
})

const planted: Record<string, Planted> = {
  'an acknowledged order that the database lost': {
    kind: 'lost',
    plant: (evening, at) => evidence(evening, { orders: without(evening.evidence.orders, at) }),
  },
  'an order that was never published': {
    kind: 'lost',
    plant: (evening, at) => {
      const lost = orderIdOf(pickOf(evening.evidence.orders.length, at))
      const { messages } = evening.evidence
      return evidence(evening, {
        messages: messages.filter(({ topic, key }) => topic !== topics.orders.name || key !== lost),
      })
    },
  },
  'an order that stands still': {
    kind: 'lost',
    plant: (evening, at) =>
      evidence(evening, {
        orders: changed(evening.evidence.orders, at, (order) => ({ ...order, status: 'in-flight' })),
      }),
  },
  'a parcel that nobody handed over': {
    kind: 'lost',
    plant: (evening, at) => evidence(evening, { ledger: without(evening.evidence.ledger, at) }),
  },
  'a second hand-over by another drone': {
    kind: 'doubled',
    plant: (evening, at) => {
      const index = pickOf(evening.evidence.orders.length, at)
      const second = handOver(index, { droneId: DroneId.parse('drn_2'), epoch: Epoch.parse(2) })
      return evidence(evening, { ledger: [...evening.evidence.ledger, second] })
    },
  },
  'a hand-over at the wrong place': {
    kind: 'unexpected',
    plant: (evening, at) =>
      evidence(evening, {
        ledger: changed(evening.evidence.ledger, at, (entry) => ({ ...entry, lat: entry.lat + 0.001 })),
      }),
  },
  'a hand-over of a cancelled order': {
    kind: 'unexpected',
    plant: (evening, at) => ({
      history: {
        ...evening.history,
        orders: evening.history.orders.map((log) => ({ ...log, cancelAsked: true, told: [] })),
      },
      evidence: {
        ...evening.evidence,
        orders: changed(evening.evidence.orders, at, (order) => ({ ...order, status: 'cancelled' })),
      },
    }),
  },
  'an order that nobody placed': {
    kind: 'unexpected',
    plant: (evening) => {
      const stranger = {
        orderId: orderIdOf(99),
        status: 'closed',
        dropOff: placeOf(99),
        handedOverAt: null,
        failedBecause: null,
      } as const
      return evidence(evening, {
        orders: [...evening.evidence.orders, stranger],
        ledger: [...evening.evidence.ledger, handOver(99)],
      })
    },
  },
  'a customer who was told otherwise': {
    kind: 'unexpected',
    plant: (evening, at) => ({
      ...evening,
      history: {
        ...evening.history,
        orders: changed(evening.history.orders, at, (log) => ({
          ...log,
          told: [{ atMs: 1, status: 'cancelled' as const }],
        })),
      },
    }),
  },
  'a command with two outcomes': {
    kind: 'doubled',
    plant: (evening, at) => {
      const { commandReports, commands } = evening.evidence
      const command = commands[pickOf(commands.length, at)]
      if (command === undefined) return evening
      const { commandId, droneId } = command
      return evidence(evening, {
        commandReports: [...commandReports, { commandId, droneId, outcome: 'expired', atMs: 9_000 }],
      })
    },
  },
  'a command that was carried out after it had expired': {
    kind: 'unexpected',
    plant: (evening, at) =>
      evidence(evening, {
        commands: changed(evening.evidence.commands, at, (command) => ({ ...command, issuedAtMs: -60_000 })),
      }),
  },
  'a permit of a past epoch': {
    kind: 'unexpected',
    plant: (evening, at) => {
      const orderId = orderIdOf(pickOf(evening.evidence.orders.length, at))
      const second = { orderId, what: 'assigned', epoch: 2, atMs: 1_500 } as const
      return evidence(evening, { permitFacts: [...evening.evidence.permitFacts, second] })
    },
  },
  'a permit after the end': {
    kind: 'unexpected',
    plant: (evening, at) => {
      const orderId = orderIdOf(pickOf(evening.evidence.orders.length, at))
      const late = { orderId, what: 'granted', epoch: 1, atMs: 4_000 } as const
      return evidence(evening, { permitFacts: [...evening.evidence.permitFacts, late] })
    },
  },
  'a command that is gone': {
    kind: 'lost',
    plant: (evening, at) => evidence(evening, { commands: without(evening.evidence.commands, at) }),
  },
  'a position that the brokers hold and nobody stored': {
    kind: 'lost',
    plant: (evening, at) => {
      const lost = pickOf(evening.evidence.storedPositions, at) + 1
      return evidence(evening, {
        accounts: evening.evidence.accounts.map((account) => ({
          ...account,
          stored: account.stored - 1,
          missing: 1,
          missingRanges: [[lost, lost]],
        })),
        storedPositions: evening.evidence.storedPositions - 1,
      })
    },
  },
  'a position that nobody accounts for': {
    kind: 'lost',
    plant: (evening) =>
      evidence(evening, {
        accounts: evening.evidence.accounts.map((account) => ({ ...account, stored: account.stored - 1 })),
      }),
  },
  'a position stored twice': {
    kind: 'doubled',
    plant: (evening) => evidence(evening, { storedPositions: evening.evidence.storedPositions + 1 }),
  },
  'two messages with one sequence': {
    kind: 'doubled',
    plant: (evening, at) => {
      const { messages } = evening.evidence
      const twin = messages[pickOf(messages.length, at)]
      return evidence(evening, {
        messages: [...messages, ...(twin === undefined ? [] : [{ ...twin, id: 'msg_twin' }])],
      })
    },
  },
  'a sequence that never came': {
    kind: 'lost',
    plant: (evening, at) => {
      const first = orderIdOf(pickOf(evening.evidence.orders.length, at))
      const { messages } = evening.evidence
      return evidence(evening, {
        messages: messages.filter(
          ({ topic, key, seq }) => topic !== topics.deliveries.name || key !== first || seq !== 1,
        ),
      })
    },
  },
  'a consumer that fell back behind a key': {
    kind: 'lost',
    plant: (evening, at) =>
      evidence(evening, { consumerSeqs: changed(evening.evidence.consumerSeqs, at, (row) => ({ ...row, seq: 1 })) }),
  },
  'a consumer that stands still': {
    kind: 'lost',
    plant: (evening) =>
      evidence(evening, {
        consumerOffsets: evening.evidence.consumerOffsets.map((row) => ({ ...row, end: row.end + 1 })),
      }),
  },
  'a message that never left': {
    kind: 'lost',
    plant: (evening) => evidence(evening, { outboxes: [{ database: 'fleet_order', waiting: 1 }] }),
  },
}

fc.configureGlobal({ numRuns: 25 })

describe('the checker', () => {
  it('calls an evening valid in which all went well', () => {
    fc.assert(
      fc.property(size, (of) => {
        const { history, evidence: facts } = quietEvening(of)

        const { verdict, lost, doubled, unexpected, unknown } = judge(history, facts)

        expect({ verdict, lost, doubled, unexpected, unknown }).toEqual({
          verdict: 'valid',
          lost: [],
          doubled: [],
          unexpected: [],
          unknown: [],
        })
      }),
    )
  })

  it.each(Object.entries(planted))('finds %s', (_, { kind, plant }) => {
    fc.assert(
      fc.property(size, fc.double({ min: 0, max: 1, noNaN: true }), (of, at) => {
        const { history, evidence: facts } = plant(quietEvening(of), at)

        const verdict = judge(history, facts)

        expect(verdict.verdict).toBe('invalid')
        expect(verdict[kind].length).toBeGreaterThan(0)
      }),
    )
  })

  it('takes copies of messages for what they are', () => {
    fc.assert(
      fc.property(size, fc.nat(), (of, seed) => {
        const { history, evidence: facts } = quietEvening(of)
        const copies = facts.messages.filter((_, index) => (seed >> (index % 30)) % 2 === 0)

        expect(judge(history, { ...facts, messages: [...facts.messages, ...copies] }).verdict).toBe('valid')
      }),
    )
  })

  it('takes an order of which nobody heard an answer as it is: there, or not', () => {
    const { history, evidence: facts } = quietEvening({ orders: 2, commands: 1, positions: 5 })
    const unheard = history.orders.map((log, index) =>
      index === 0
        ? {
            ...log,
            orderId: null,
            told: [],
            attempts: log.attempts.map((one) => ({ ...one, answer: 'unheard' as const })),
          }
        : log,
    )
    const own = ({ key }: { key: string }) => key !== orderIdOf(0)

    expect(judge({ ...history, orders: unheard }, facts).verdict).toBe('valid')
    expect(
      judge(
        { ...history, orders: unheard },
        {
          ...facts,
          orders: facts.orders.filter(({ orderId }) => orderId !== orderIdOf(0)),
          ledger: facts.ledger.filter(({ orderId }) => orderId !== orderIdOf(0)),
          messages: facts.messages.filter(own),
          consumerSeqs: facts.consumerSeqs.filter(own),
        },
      ).verdict,
    ).toBe('valid')
  })

  it('says that nothing is known where nothing happened, or the evidence is missing', () => {
    const { history, evidence: facts } = quietEvening({ orders: 1, commands: 1, positions: 5 })

    expect(judge({ ...history, faults: [] }, facts)).toMatchObject({
      verdict: 'unknown',
      unknown: ['nothing was broken'],
    })
    expect(judge({ ...history, probes: [] }, facts).verdict).toBe('unknown')
    expect(judge(history, { missing: 'no database' }).verdict).toBe('unknown')
  })
})
