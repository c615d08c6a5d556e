// Outages that take the better part of a minute each: they run with the kill matrix.
import outages from './jest.outages.config.mjs'

export default { ...outages, testMatch: ['**/*.long-outage.test.ts'] }
