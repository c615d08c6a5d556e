import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { deliverUnderKill, type Victim } from './delivery-under-kill.ts'
import { forgedTokens } from './forged-tokens.ts'
import { startTrialStack } from './kill-trials.ts'

let stack: Awaited<ReturnType<typeof startTrialStack>>
beforeAll(async () => {
  stack = await startTrialStack(Date.now)
}, 120_000)
afterAll(async () => {
  await stack[Symbol.asyncDispose]()
}, 60_000)

describe('a token that is not as the gateway signs it', () => {
  it('opens neither the gateway nor any service, straight at its port', async () => {
    const { gateway = '', services, folders } = stack.info
    const read = (name: string) => readFile(join(folders.secrets, name), 'utf8')
    const { sound, forged } = forgedTokens({ privateKey: await read('token.key'), publicKey: await read('token.pub') })
    const { order = '', itinerary = '', position = '', droneHealth = '' } = services
    const asked = {
      gateway: `${gateway}/v1/drones`,
      order: `${order}/v1/orders`,
      itinerary: `${itinerary}/v1/zones`,
      position: `${position}/v1/fleet/positions`,
      'drone-health': `${droneHealth}/v1/drones`,
    }
    const statusOf = async (url: string, headers: Record<string, string>) => (await fetch(url, { headers })).status

    for (const [name, url] of Object.entries(asked)) {
      const statuses: Record<string, number> = { 'no token': await statusOf(url, {}) }
      for (const [what, token] of Object.entries(forged)) {
        statuses[what] = await statusOf(url, { authorization: `Bearer ${token}` })
      }
      expect([name, await statusOf(url, { authorization: `Bearer ${sound}` })]).toEqual([name, 200])
      expect([name, ...Object.entries(statuses).filter(([, status]) => status !== 401)]).toEqual([name])
      expect(Object.keys(statuses)).toHaveLength(8)
    }
  })
})

describe('a delivery during which a part is killed ends closed, handed over once at its drop point', () => {
  it.each<[Victim, number]>([
    ['itinerary', 11],
    ['kafka-2', 12],
    ['mongo-primary', 13],
  ])(
    '%s, seed %i',
    async (victim, seed) => {
      expect(await deliverUnderKill(stack, { victim, seed })).toEqual([])
    },
    240_000,
  )
})
