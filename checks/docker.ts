/** The Docker files, where the tools that read them are: a tool that is missing is told, and counts as skipped. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { findHadolint } from './hadolint.ts'

export type DockerChecks = { passed: number; skipped: number; faults: string[] }

const timeoutMs = 60_000
const composes = readdirSync('.').filter((file) => /^docker-compose\..*\.ya?ml$/.test(file))
const dockerfile = 'Dockerfile'

/** Each check: the tool's own words where it finds a fault, one line each; undefined where the tool is not here. */
function run(file: string, args: string[]): string[] | undefined {
  const { error, status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: timeoutMs })
  if (error !== undefined) return 'code' in error && error.code === 'ENOENT' ? undefined : [`${file}: ${error.message}`]
  if (status === 0) return []
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '')
  return lines.length > 0 ? lines : [`${file} ${args.join(' ')} ended with ${status}`]
}

/** `docker compose config` over each compose file, and hadolint over the Dockerfile. Neither needs a running engine. */
export async function dockerChecks(say: (line: string) => void): Promise<DockerChecks> {
  const hadolint = await findHadolint(say)
  const hasCompose = run('docker', ['compose', 'version'])?.length === 0
  const results = [
    ...composes.map((file) =>
      hasCompose ? run('docker', ['compose', '--file', file, 'config', '--quiet']) : undefined,
    ),
    hadolint === undefined ? undefined : run(hadolint, ['--failure-threshold', 'warning', dockerfile]),
  ]
  return {
    passed: results.filter((faults) => faults?.length === 0).length,
    skipped: results.filter((faults) => faults === undefined).length,
    faults: results.flatMap((faults) => faults ?? []),
  }
}
