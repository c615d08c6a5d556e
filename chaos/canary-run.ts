/** Runs campaigns on broken builds: each must end as invalid. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '@fleet/local/processes'
import { z } from 'zod'
import type { Canary } from './canaries.ts'
import { makeCanaryTree } from './canary-tree.ts'

const runMsMax = 480_000

const Findings = z.array(z.object({ subject: z.string(), what: z.string() }))
const Latest = z.object({
  verdict: z.enum(['valid', 'invalid', 'unknown']),
  lost: Findings,
  doubled: Findings,
  unexpected: Findings,
  seconds: z.number(),
})

export type CanaryResult = {
  name: string
  defect: string
  caught: boolean
  /** Whether there was a verdict at all. */
  judged: boolean
  /** The first things that were found, and how many there are; or why there is no verdict. */
  found: string
  tookS: number
}

/** Builds the canary in a folder of its own, runs the campaign that provokes it there, and reads the verdict. */
export async function runCanary({ name, defect, patches }: Canary, stopped: AbortSignal): Promise<CanaryResult> {
  using tree = makeCanaryTree(REPOSITORY, patches)
  const startedMs = performance.now()
  const child = spawn(process.execPath, [join('chaos', 'main.ts'), '--provoke', name], {
    cwd: tree.root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const timer = setTimeout(() => child.kill('SIGINT'), runMsMax)
  const stop = () => child.kill('SIGINT')
  stopped.addEventListener('abort', stop, { once: true })
  await once(child, 'exit')
  clearTimeout(timer)
  stopped.removeEventListener('abort', stop)
  const tookS = Math.round((performance.now() - startedMs) / 1_000)
  const file = join(tree.root, 'chaos', 'results', 'latest.json')
  if (!existsSync(file))
    return { name, defect, caught: false, judged: false, found: 'the campaign gave no verdict', tookS }
  const { verdict, lost, doubled, unexpected } = Latest.parse(JSON.parse(readFileSync(file, 'utf8')))
  const all = [
    ...lost.map((one) => ({ kind: 'lost', ...one })),
    ...doubled.map((one) => ({ kind: 'doubled', ...one })),
    ...unexpected.map((one) => ({ kind: 'unexpected', ...one })),
  ]
  const [first] = all
  const found = first === undefined ? verdict : `${first.kind}: ${first.subject} ${first.what} (${all.length} findings)`
  return { name, defect, caught: verdict === 'invalid', judged: true, found, tookS }
}
