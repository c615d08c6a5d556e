// Tests that take brokers or database members away: one at a time, since they share one set of real parts.
import base from './jest.config.mjs'

export default {
  ...base,
  testMatch: ['**/*.outage.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/.local/'],
  maxWorkers: 1,
  // kafkajs ends the brokers of its list. A group's coordinator that went and came back meanwhile is another object there, and the
  // connection to the old one stays until the broker ends it, after ten minutes.
  forceExit: true,
}
