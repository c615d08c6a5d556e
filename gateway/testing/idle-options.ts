/** All that the public routes stand on, standing idle: for what looks at the routes and calls none. */
import type { Downstream } from '../downstream.ts'
import type { PublicRoutesOptions } from '../routes.ts'

const unused = () => {
  throw new Error('these routes are to be looked at, not to be called')
}
const idle: Downstream = { ask: unused, forward: unused, health: unused, close: async () => undefined }

export const idleOptions: PublicRoutesOptions = {
  services: { order: idle, itinerary: idle, position: idle, droneHealth: idle },
  live: { watch: unused, take: unused, close: unused },
  fleet: { watch: unused, take: unused, tell: unused, close: unused },
  lastPositions: { answer: unused, of: unused, snapshot: unused, close: unused },
  links: { make: unused, find: unused },
  denyList: { treat: unused, release: unused, list: unused },
  acknowledgements: { write: unused, list: unused },
  consumerLag: { read: unused },
  accounts: { check: unused },
  sessions: { begin: unused, refresh: unused, end: unused },
  accessTokens: { sign: unused, verify: unused, jwks: { keys: [] } },
  apiKeys: { make: unused, list: unused, revoke: unused, callerOf: unused },
  forgetKeys: unused,
  tickets: { make: unused, use: unused },
  audit: { write: unused, page: unused },
  nowMs: () => 0,
}
