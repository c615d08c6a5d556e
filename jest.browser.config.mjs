// The pages in a real browser, on a stack of their own; skipped, and counted so, where there is none.
import e2e from './jest.e2e.config.mjs'

export default { ...e2e, testMatch: ['**/*.browser.test.ts'] }
