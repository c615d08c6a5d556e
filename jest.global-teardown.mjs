// Ends what jest.global-setup.mjs began.
export default async function teardown() {
  await globalThis.testInfrastructureServer?.stop()
}
