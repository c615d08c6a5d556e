export default {
  testEnvironment: '<rootDir>/jest.environment.mjs',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/jest.transform.mjs' },
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: [
    '/node_modules/',
    '/.local/',
    '\\.(faults|e2e|browser|outage|long-outage|trial)\\.test\\.ts$',
  ],
  modulePathIgnorePatterns: ['/.local/'],
  globalSetup: '<rootDir>/jest.global-setup.mjs',
  globalTeardown: '<rootDir>/jest.global-teardown.mjs',
  maxWorkers: 3,
  testTimeout: 60_000,
}
