// End to end: each file starts a whole stack of its own, one after the other.
import base from './jest.config.mjs'

export default {
  ...base,
  testMatch: ['**/*.e2e.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/.local/'],
  globalSetup: undefined,
  globalTeardown: undefined,
  maxWorkers: 1,
  testTimeout: 240_000,
}
