/** The attacks, one a scenario. Attackers come from 127.0.0.2 and on, honest customers from 127.1.0.1 and on. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { missingMaven } from '@fleet/gatling/maven'
import { missingFigures } from '@fleet/gatling/watch'
import { REPOSITORY } from '@fleet/local/processes'
import { type Attack, attackScenario } from './attack.ts'
import type { ExtraInstance } from './extra-instance.ts'
import { missingSnort } from './sensor.ts'
import { synFlood } from './syn-flood.ts'

/** Another account each time: what guards one account must not be all that stops them. */
const guess = JSON.stringify({ user: 'guess-#', password: 'not-the-password' })

export const httpFlood: Attack = {
  name: 'ddos-http',
  watch:
    'Watch a flood of requests with a stolen token: its sources are denied within seconds, and everybody else is served.',
  rule: 'http-flood',
  of: 'served',
  orders: (authorization) => ({
    kind: 'flood',
    connections: 60,
    pauseMs: 0,
    path: '/v1/orders?limit=50',
    method: 'GET',
    headers: { authorization },
  }),
}

export const slowloris: Attack = {
  name: 'ddos-slowloris',
  watch: 'Watch hundreds of connections whose requests never become whole: they are closed, and so are the next.',
  rule: 'slowloris',
  of: 'held',
  orders: () => ({ kind: 'hold', connections: 100, pauseMs: 0, path: '/v1/bases', method: 'GET', headers: {} }),
}

export const bruteForce: Attack = {
  name: 'brute-force',
  watch: 'Watch passwords being guessed from four addresses: the guessers are shut out, and nobody else is.',
  rule: 'login-brute-force',
  of: 'served',
  // The limit of sign-ins an address would end it as well, some seconds later: out of the way, so that only what alerts do can.
  gateway: { RATE_SESSIONS: '60000' },
  orders: () => ({
    kind: 'flood',
    connections: 4,
    pauseMs: 100,
    path: '/v1/sessions',
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: guess,
  }),
}

/** Gatling's smoke profile against the attacked gateway; its own assertions say whether the load had what it asks for. */
async function gatling({ url }: ExtraInstance): Promise<{ finished(): Promise<string> }> {
  const child = spawn(process.execPath, ['gatling/main.ts', 'smoke', '--gateway', url], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const ended = once(child, 'exit')
  const late = setTimeout(() => child.kill('SIGTERM'), gatlingMsMax)
  let last = ''
  const flows = new Promise<void>((resolve, reject) => {
    createInterface(child.stdout).on('line', (line) => {
      last = line
      if (line.includes('offered')) resolve()
    })
    child.once('exit', (code) => reject(new Error(`Gatling ended with ${code}: ${last}`)))
  })
  await flows
  return {
    finished: async () => {
      const [code] = await ended
      clearTimeout(late)
      assert.equal(code, 0, last)
      return last
    },
  }
}
const gatlingMsMax = 240_000

const snortAndGatling: Attack = {
  ...httpFlood,
  name: 'snort-and-gatling',
  watch: "Watch a flood during a load by Gatling, seen by Snort: the load's own assertions hold.",
  beside: gatling,
  missing: async () => missingSnort() ?? missingFigures() ?? (await missingMaven()),
}

export const attacks = [
  ...[httpFlood, slowloris, bruteForce].map((attack) => attackScenario(attack)),
  synFlood,
  attackScenario(snortAndGatling, { mitigation: 'on', sensor: 'snort' }),
]
