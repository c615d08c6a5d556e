// The pages in a real browser: a command of its own, since its time is the machine's.
import e2e from './jest.e2e.config.mjs'

export default { ...e2e, testMatch: ['**/*.browser.test.ts'] }
