// Trials: tests of whole stacks under faults and attacks whose bars depend on a machine that does nothing else. By command, not in CI.
import faults from './jest.faults.config.mjs'

export default {
  ...faults,
  testMatch: ['**/*.trial.test.ts'],
  globalSetup: '<rootDir>/jest.global-setup.mjs',
  globalTeardown: '<rootDir>/jest.global-teardown.mjs',
}
