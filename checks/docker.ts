/** The Docker files, where the tools that read them are: a tool that is missing is told, and counts as skipped. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findHadolint } from './hadolint.ts'

export type DockerChecks = { passed: number; skipped: number; faults: string[] }

const timeoutMs = 60_000
const composes = readdirSync('.').filter((file) => /^docker-compose\..*\.ya?ml$/.test(file))
/** What stands beside another one is read with it. */
const beside: Record<string, string> = { 'docker-compose.toxiproxy.yml': 'docker-compose.server.yml' }
const dockerfile = 'Dockerfile'
const stackFile = 'chaos/swarm/stack.yml'

const filesOf = (file: string) => {
  const other = beside[file]
  return other === undefined ? ['--file', file] : ['--profile', '*', '--file', other, '--file', file]
}

/** Each check: the tool's own words where it finds a fault, one line each; undefined where the tool is not here. */
function run(file: string, args: string[]): string[] | undefined {
  const { error, status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', timeout: timeoutMs })
  if (error !== undefined) return 'code' in error && error.code === 'ENOENT' ? undefined : [`${file}: ${error.message}`]
  if (status === 0) return []
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line.trim() !== '')
  return lines.length > 0 ? lines : [`${file} ${args.join(' ')} ended with ${status}`]
}

/** `docker stack config`, with stand-ins for what the keys job makes: the files are read, and need not mean anything. */
function stackConfig(): string[] | undefined {
  const keys = mkdtempSync(join(tmpdir(), 'fleet-keys-'))
  try {
    const text = readFileSync(stackFile, 'utf8')
    for (const [, file = ''] of text.matchAll(/\$\{KEYS\}\/([\w./-]+)/g)) {
      mkdirSync(dirname(join(keys, file)), { recursive: true })
      writeFileSync(join(keys, file), 'stand-in\n')
    }
    const env = [`KEYS=${keys}`, 'DRONE_HOST=127.0.0.1', 'WORLD_EPOCH_MS=0']
    return run('env', [...env, 'docker', 'stack', 'config', '--compose-file', stackFile])
  } finally {
    rmSync(keys, { recursive: true, force: true })
  }
}

/** `docker compose config` over each compose file, `docker stack config` over the Swarm stack, and hadolint over the Dockerfile. Neither needs a running engine. */
export async function dockerChecks(say: (line: string) => void): Promise<DockerChecks> {
  const hadolint = await findHadolint(say)
  const hasCompose = run('docker', ['compose', 'version'])?.length === 0
  const results = [
    ...composes.map((file) =>
      hasCompose ? run('docker', ['compose', ...filesOf(file), 'config', '--quiet']) : undefined,
    ),
    hasCompose ? stackConfig() : undefined,
    hadolint === undefined ? undefined : run(hadolint, ['--failure-threshold', 'warning', dockerfile]),
  ]
  return {
    passed: results.filter((faults) => faults?.length === 0).length,
    skipped: results.filter((faults) => faults === undefined).length,
    faults: results.flatMap((faults) => faults ?? []),
  }
}
