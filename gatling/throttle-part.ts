/** Makes a part slower by a share: it is stopped and goes on again, so many milliseconds of each period. Whatever happens, it goes on at the end. */
import { signalPart } from '@fleet/local/part-control'
import { readStackInfo } from '@fleet/local/stack-info'

const periodMs = 100

export type Throttled = { close(): void }

/** `share`: how much of its time `part` keeps, 0.1 to 1. */
export function throttlePart(folder: string, part: string, share: number): Throttled {
  const info = readStackInfo(folder)
  if (info.parts[part] === undefined)
    throw new Error(`there is no part ${part}: the stack has ${Object.keys(info.parts).join(', ')}`)
  let timer: NodeJS.Timeout
  const go = () => {
    signalPart(info, part, 'SIGCONT')
    timer = setTimeout(stop, periodMs * share)
  }
  const stop = () => {
    signalPart(info, part, 'SIGSTOP')
    timer = setTimeout(go, periodMs * (1 - share))
  }
  stop()
  return {
    close: () => {
      clearTimeout(timer)
      signalPart(info, part, 'SIGCONT')
    },
  }
}
