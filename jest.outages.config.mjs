// Tests that take brokers or database members away: one at a time, since they share one set of real parts.
import base from './jest.config.mjs'

export default {
  ...base,
  testMatch: ['**/*.outage.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/.local/'],
  maxWorkers: 1,
}
