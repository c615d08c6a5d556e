/** The stack that a campaign breaks: one of its own, or one that runs already, as far as that lets itself be broken. */
import { emptyBrokerDisk } from '@fleet/local/kafka-cluster'
import { type Fault, inContainers, isHealthy, signalPart, startPart } from '@fleet/local/part-control'
import type { Stack } from '@fleet/local/stack'
import { readStackInfo, type StackInfo } from '@fleet/local/stack-info'
import { type Toxics, toxicsAt } from '@fleet/local/toxiproxy'
import { waitUntil } from '@fleet/local/wait'

export type Target = {
  /** As it is now: pids change when parts are started again. */
  info(): StackInfo
  signal(part: string, signal: Fault): void
  /** Starts a dead broker or member again, and waits until it serves; null where nobody here can. */
  revive: ((part: string) => Promise<void>) | null
  /** Gives a dead broker an empty disk; null where nobody here can. */
  loseDisk: ((part: string) => Promise<void>) | null
  /** Base URL of the simulator's faults; null where it is out of reach. */
  simulator: string | null
  /** The proxies on its links, where it has some. */
  toxics: Toxics | null
  /** What breaks containers in experiments. */
  pumbaImage: string
}

const reviveMsMax = 90_000

/** `folder`: the stack's own. */
export const ownTarget = (stack: Stack, folder: string): Target => ({
  info: () => stack.info,
  signal: (part, signal) => signalPart(stack.info, part, signal),
  revive: async (part) => {
    const known = stack.parts.get(part)
    if (known === undefined) throw new Error(`the stack has no part ${part}`)
    await known.restart()
  },
  loseDisk: (part) => emptyBrokerDisk(folder, part),
  simulator: stack.processes.get('sim')?.url ?? null,
  toxics: stack.toxiproxy ?? null,
  pumbaImage: '',
})

export type RunningOptions = {
  /** Where stack.json lies. */
  folder: string
  /** Where the compose of proxies publishes its Toxiproxy, if it runs. */
  toxiproxyUrl: string
  pumbaImage: string
}

/** The stack whose stack.json lies in `folder`. Of processes, brokers and members can be paused, but not killed: only their launcher could start them again. */
export async function runningTarget({ folder, toxiproxyUrl, pumbaImage }: RunningOptions): Promise<Target> {
  const info = () => readStackInfo(folder)
  return {
    info,
    signal: (part, signal) => signalPart(info(), part, signal),
    revive: inContainers(info())
      ? async (part) => {
          startPart(info(), part)
          await waitUntil(`${part} to be healthy`, () => isHealthy(info(), part), {
            timeoutMs: reviveMsMax,
            everyMs: 500,
          })
        }
      : null,
    loseDisk: null,
    simulator: null,
    toxics: (await toxicsAt(toxiproxyUrl)) ?? null,
    pumbaImage,
  }
}
