/** The reaper's own process: reads `+ pid startTime` and `- pid` from its launcher, and ends the rest when the pipe closes. */
import { createInterface } from 'node:readline'
import { type ProcessIdentity, signalProcess } from './process-identity.ts'

const parts = new Map<number, ProcessIdentity>()

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [act, pidText, startTime = ''] = line.split(' ')
    const pid = Number(pidText)
    if (act === '+') parts.set(pid, { pid, startTime })
    if (act === '-') parts.delete(pid)
  })
  .on('close', () => {
    for (const part of parts.values()) signalProcess(part, 'SIGKILL')
  })
