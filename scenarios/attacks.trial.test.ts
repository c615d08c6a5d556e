import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type AttackOptions, playAttack } from './attack.ts'
import { bruteForce, httpFlood, slowloris } from './attacks.ts'
import { startTrialStack } from './kill-trials.ts'
import { missingSnort } from './sensor.ts'
import { createStage } from './stage.ts'

let stack: Awaited<ReturnType<typeof startTrialStack>>
beforeAll(async () => {
  stack = await startTrialStack(Date.now, { brokers: 1, mongo: 1, drones: 4, worldSpeed: 20 })
}, 120_000)
afterAll(async () => {
  await stack[Symbol.asyncDispose]()
}, 60_000)

const attacks = [httpFlood, slowloris, bruteForce]
const played = async (attack: (typeof attacks)[number], options: AttackOptions) =>
  playAttack(attack, createStage(stack.folder, new AbortController().signal), async (_name, act) => act(), options)

describe('an attack', () => {
  it.each(attacks)(
    "is withstood with the gateway's own detector: $name",
    async (attack) => {
      const { faults } = await played(attack, { mitigation: 'on', sensor: 'built-in' })

      expect(faults).toEqual([])
    },
    180_000,
  )

  it.each(attacks)(
    'is not withstood where mitigation is off: $name',
    async (attack) => {
      const { faults } = await played(attack, { mitigation: 'off', sensor: 'built-in' })

      expect(faults).toEqual(expect.arrayContaining([expect.stringMatching(/^mitigated /)]))
    },
    180_000,
  )

  const withSnort = missingSnort() === null ? it : it.skip
  withSnort.each(attacks)(
    'is seen by Snort, and withstood: $name',
    async (attack) => {
      const { faults } = await played(attack, { mitigation: 'on', sensor: 'snort' })

      expect(faults).toEqual([])
    },
    180_000,
  )
})
