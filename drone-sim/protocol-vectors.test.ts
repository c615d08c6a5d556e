/** The page that firmware is written from says what our code does: its vectors, and every type of message and refusal. */
import { readFileSync } from 'node:fs'
import { DroneCommandMessage } from '@fleet/contracts/drone-commands'
import { DronePosition } from '@fleet/contracts/drone-positions'
import { CommandOutcome, DroneReport, ItineraryRefusal, KeptReason } from '@fleet/contracts/drone-reports'
import { ItineraryMessage, PermitRefusal } from '@fleet/contracts/itineraries'
import { isDroneMac, macKeyOf } from '@fleet/messaging/drone-mac'
import { describe, expect, it } from '@jest/globals'
import { protocolVectors } from './testing/protocol-vectors.ts'

const page = readFileSync(new URL('../docs/drone-protocol.md', import.meta.url), 'utf8')
const vectors = protocolVectors()

describe('docs/drone-protocol.md', () => {
  it('carries the test vectors of this code', () => {
    const block = /<!-- vectors -->\n+```json\n([\s\S]*?)\n```/.exec(page)?.[1] ?? 'no vectors'
    // On failure: replace the block by what was expected.
    expect(block).toBe(JSON.stringify(vectors, null, 2))
  })

  it('has messages as its vectors that services read and whose MACs they accept', () => {
    const [position, report] = vectors.messages
    expect(DronePosition.safeParse(JSON.parse(position?.value ?? '')).success).toBe(true)
    expect(DroneReport.safeParse(JSON.parse(report?.value ?? '')).success).toBe(true)
    const key = Buffer.from(vectors.droneKey.key, 'hex')
    for (const { headers, value, ...rest } of vectors.messages) {
      expect(isDroneMac(macKeyOf(key, rest), Buffer.from(value), headers.mac)).toBe(true)
    }
  })

  const typesOf = (union: { options: readonly { shape: { type: { value: string } } }[] }) =>
    union.options.map(({ shape }) => shape.type.value)
  it.each([
    ...typesOf(DroneReport),
    ...typesOf(ItineraryMessage),
    ...typesOf(DroneCommandMessage),
    ...ItineraryRefusal.options,
    ...KeptReason.options,
    ...PermitRefusal.options,
    ...CommandOutcome.options,
  ])('speaks of `%s`', (word) => {
    expect(page).toContain(`\`${word}\``)
  })
})
