/** A program of this room as a process of its own: JSON in, JSON out. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { z } from 'zod'

/** Runs `file` with `input`; each line before its answer is given to `hear`. Throws where it fails. */
export async function childAnswer<Schema extends z.ZodType>(
  file: string,
  input: unknown,
  { answer, stopped, hear = () => undefined }: { answer: Schema; stopped: AbortSignal; hear?: (line: string) => void },
): Promise<z.output<Schema>> {
  const child = spawn(process.execPath, [join(import.meta.dirname, file)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { NODE_NO_WARNINGS: '1' },
    signal: stopped,
  })
  child.stdin.end(JSON.stringify(input))
  const ended = once(child, 'exit')
  let rest = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) hear(line)
  }
  await ended
  if (child.exitCode !== 0) throw new Error(`${file} ended with ${child.exitCode}`)
  return answer.parse(JSON.parse(rest))
}
