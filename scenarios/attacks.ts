/** The attacks, one a scenario. Attackers come from 127.0.0.2 and on, honest customers from 127.1.0.1 and on. */
import { type Attack, attackScenario } from './attack.ts'

const guess = JSON.stringify({ user: 'operator', password: 'not-the-password' })

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

export const attacks = [httpFlood, slowloris, bruteForce].map((attack) => attackScenario(attack))
