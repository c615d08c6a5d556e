/** Which cores processes may use: on one machine, the nearest to machines of their own. */
import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'

const holdTo = (cores: string, pids: readonly number[]) => {
  for (const pid of pids)
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, `${pid}`], { stdio: 'pipe' })
}

/**
 * Runs `work` while `front`, and this process with all that it starts, have core 0 alone, and `behind` the others; then all have all
 * again. Throws where there is one core, or no `taskset` (util-linux).
 */
export async function withCoresApart<T>(
  { front, behind }: { front: readonly number[]; behind: readonly number[] },
  work: () => Promise<T>,
): Promise<T> {
  const cores = availableParallelism()
  if (cores < 2) throw new Error('one core cannot be shared out')
  try {
    holdTo('0', [process.pid, ...front])
    holdTo(`1-${cores - 1}`, behind)
    return await work()
  } finally {
    holdTo(`0-${cores - 1}`, [process.pid, ...front, ...behind])
  }
}
