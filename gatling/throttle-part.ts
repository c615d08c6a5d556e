/**
 * Makes a part slower by a share: it is stopped and goes on again, so many milliseconds of each period. Whatever happens, it
 * goes on at the end. The `processor` is all parts of the product at once: each has less of it then.
 */
import { signalPart } from '@fleet/local/part-control'
import { readStackInfo } from '@fleet/local/stack-info'
import { processor } from './saturation.ts'

const periodMs = 100

export type Throttled = { close(): void }

/** Drones stand for themselves: they are no part of the product. */
const isDrones = (name: string) => name.startsWith('sim')

/** `share`: how much of its time `part` keeps, 0.1 to 1. */
export function throttlePart(folder: string, part: string, share: number): Throttled {
  const info = readStackInfo(folder)
  const names = Object.keys(info.parts)
  if (part !== processor && !names.includes(part))
    throw new Error(`there is no part ${part}: the stack has ${[processor, ...names].join(', ')}`)
  const throttled = part === processor ? names.filter((name) => !isDrones(name)) : [part]
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    for (const one of throttled) signalPart(info, one, name)
  }
  let timer: NodeJS.Timeout
  const go = () => {
    signal('SIGCONT')
    timer = setTimeout(stop, periodMs * share)
  }
  const stop = () => {
    signal('SIGSTOP')
    timer = setTimeout(go, periodMs * (1 - share))
  }
  stop()
  return {
    close: () => {
      clearTimeout(timer)
      signal('SIGCONT')
    },
  }
}
