/** Long runs of the `docker` command, whose environment a compose or stack file reads. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Missing } from '@fleet/local/provision'

const linesKept = 15

/** Runs `docker` with the words given, the last of which may be variables to add; throws with its last line where it fails. */
export async function runDocker(...words: (string | Record<string, string>)[]): Promise<void> {
  const args = words.filter((word) => typeof word === 'string')
  const added = words.filter((word) => typeof word === 'object')
  // What this process was given, and the settings: the client needs PATH, HOME and where its engine is.
  const child = spawn(
    'env',
    [...added.flatMap(Object.entries).map(([key, value]) => `${key}=${value}`), 'docker', ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const told: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      told.push(...text.split('\n').filter((line) => line.trim() !== ''))
      told.splice(0, told.length - linesKept)
    })
  }
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Missing(`docker ${args.slice(0, 3).join(' ')} failed: ${told.slice(-3).join(' | ')}`)
}
