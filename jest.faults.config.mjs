// The long kill matrix: it starts stacks of its own, one after the other.
import base from './jest.config.mjs'

export default {
  ...base,
  testMatch: ['**/*.faults.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/.local/'],
  globalSetup: undefined,
  globalTeardown: undefined,
  maxWorkers: 1,
  testTimeout: 300_000,
}
