import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decide, type OrderCommand } from './decide.ts'
import { evolve, IllegalMove, type Order } from './order.ts'
import { byAnna, cancel, news, place, stateReceipt } from './testing/examples.ts'

const epochs = fc.integer({ min: 1, max: 4 })
const commands: fc.Arbitrary<OrderCommand> = fc.oneof(
  fc.constantFrom(place(), place({ bodyHash: 'b' }), cancel(), cancel('operator')),
  fc.boolean().map((came) => stateReceipt(came, byAnna)),
  fc.constantFrom(news.waiting(), news.cancelled(), news.cancelRefused(), news.failed()),
  epochs.map(news.assigned),
  epochs.map(news.reassigned),
  { weight: 2, arbitrary: epochs.map(news.departed) },
  { weight: 2, arbitrary: epochs.map(news.handedOver) },
  epochs.map(news.undecided),
  epochs.map(news.completed),
)

/** Every state on the way; a message that cannot follow stops its partition, so it changes nothing. */
function wayOf(sequence: readonly OrderCommand[]): Order[] {
  const way: Order[] = [{ status: 'none' }]
  for (const command of sequence) {
    const order = way.at(-1) ?? { status: 'none' }
    try {
      const decision = decide(order, command)
      if (decision.ok) for (const event of decision.events) way.push(evolve(way.at(-1) ?? order, event))
    } catch (error) {
      if (!(error instanceof IllegalMove)) throw error
    }
  }
  return way
}

const sequences = fc.array(commands, { minLength: 1, maxLength: 40 }).map((rest) => [place(), ...rest])
const pairs = (way: Order[]) => way.slice(1).map((to, at) => [way[at] ?? to, to] as const)
const isFinal = ({ status }: Order) => status === 'closed' || status === 'cancelled' || status === 'failed'
const epochOf = (order: Order): number => {
  const current = order.status === 'cancelling' ? order.before : order
  return 'flight' in current ? current.flight.epoch : 0
}

describe('whatever is said in whatever order', () => {
  it('a final status is never left', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        for (const [from, to] of pairs(wayOf(sequence))) if (isFinal(from)) expect(to.status).toBe(from.status)
      }),
    )
  })

  it('an order is delivered once at most, and after that only closed', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        const entered = pairs(wayOf(sequence)).filter(
          ([from, to]) => to.status === 'delivered' && from.status !== 'delivered',
        )
        expect(entered.length).toBeLessThanOrEqual(1)
        for (const [from, to] of pairs(wayOf(sequence))) {
          if (from.status === 'delivered') expect(['delivered', 'closed']).toContain(to.status)
        }
      }),
    )
  })

  it('epochs never go back while a flight is known', () => {
    fc.assert(
      fc.property(sequences, (sequence) => {
        for (const [from, to] of pairs(wayOf(sequence))) {
          if (epochOf(to) > 0) expect(epochOf(to)).toBeGreaterThanOrEqual(epochOf(from))
        }
      }),
    )
  })

  it('what was said once and is said again changes nothing', () => {
    fc.assert(
      fc.property(sequences, commands, (sequence, command) => {
        const way = wayOf([...sequence, command])
        const moved = way.length > wayOf(sequence).length
        // A cancellation may be asked for and refused again; and waiting may be said at any time.
        if (!moved || command.type === 'delivery.cancel-refused' || command.type === 'delivery.waiting') return
        const decision = decide(way.at(-1) ?? { status: 'none' }, command)
        if (decision.ok) expect(decision.events).toEqual([])
      }),
    )
  })

  it('every status is reached: these laws are not about nothing', () => {
    const reached = new Set(
      fc.sample(sequences, { numRuns: 2_000, seed: 1 }).flatMap((one) => wayOf(one).map((s) => s.status)),
    )

    expect([...reached].sort()).toEqual([
      'accepted',
      'assigned',
      'cancelled',
      'cancelling',
      'closed',
      'delivered',
      'failed',
      'in-flight',
      'none',
      'undecided',
    ])
  })
})
