/** Whether Gatling can run on this machine. */
import { runCommand } from '@fleet/local/command'

/** What is missing, in one sentence; null where nothing is. */
export async function missingMaven(): Promise<string | null> {
  const { failed, stdout, stderr } = await runCommand('mvn', ['-v'], { timeoutMs: 60_000 })
  if (failed === 'not-found') return 'there is no Maven: put mvn (3.6 or newer) and Java 17 on the PATH'
  return failed === undefined ? null : `Maven does not run: ${(stderr || stdout).split('\n')[0]}`
}
