/**
 * How long things have lasted, by the monotonic world clock. A watch that does not survive its process starts anew with
 * the next: what waits for it waits longer, and nothing comes too early.
 */
export type Stopwatches = {
  /** How long `name` has been in `phase`; 0 where it has only just come to it. */
  lasted(name: string, phase: string, nowMs: number): number
  /** Starts `name` anew. */
  reset(name: string): void
}

/** As many as there are drones and rules; a drone is enrolled for good. */
export function createStopwatches(): Stopwatches {
  const started = new Map<string, { phase: string; atMs: number }>()
  return {
    lasted: (name, phase, nowMs) => {
      const running = started.get(name)
      if (running?.phase === phase) return nowMs - running.atMs
      started.set(name, { phase, atMs: nowMs })
      return 0
    },
    reset: (name) => void started.delete(name),
  }
}
