// Tests reach the real brokers and database through TEST_INFRA_URL; nothing starts before the first test asks.
import { startTestInfrastructureServer } from './local/test-infrastructure-server.ts'

export default async function setup() {
  // biome-ignore lint/style/noProcessEnv: this is the composition root of a test run.
  const env = process.env
  // The run belongs to others, with brokers and database for all its parts.
  if (env.TEST_INFRA_URL !== undefined) return
  const server = await startTestInfrastructureServer(env, Date.now, (line) => process.stderr.write(`${line}\n`))
  env.TEST_INFRA_URL = server.url
  globalThis.testInfrastructureServer = server
}
