/** Pumba breaks containers; the same faults are signals where the parts are processes. */
import { docker } from '@fleet/local/docker-command'
import { z } from 'zod'
import type { ExperimentFault } from './experiment.ts'

const delayMs = 100

export const PumbaConfig = z.object({ PUMBA_IMAGE: z.string().default('gaiaadm/pumba:0.11.6') })

/**
 * Pumba's own words for a fault of `container`. A stopped or killed container is started again by us after the time, as a
 * process is; `cut` and `delay` are netem's, which needs the kernel's module and a Pumba that has it.
 */
export function pumbaArgs({ do: what, forS }: Omit<ExperimentFault, 'target'>, container: string): string[] {
  switch (what) {
    case 'kill':
      return ['kill', '--signal', 'SIGKILL', container]
    case 'stop':
      return ['stop', '--time', '5', container]
    case 'pause':
      return ['pause', '--duration', `${forS}s`, container]
    case 'lose-disk':
      return ['rm', '--force', '--volumes', container]
    case 'cut':
      return ['netem', '--duration', `${forS}s`, 'loss', '--percent', '100', container]
    case 'delay':
      return ['netem', '--duration', `${forS}s`, 'delay', '--time', `${delayMs}`, container]
  }
}

/** Runs Pumba to the end of the fault; it reaches the engine by its socket, as root of this machine. */
export const runPumba = (image: string, fault: Omit<ExperimentFault, 'target'>, container: string): string =>
  docker(
    ...['run', '--rm', '--volume', '/var/run/docker.sock:/var/run/docker.sock', image, '--log-level', 'error'],
    ...pumbaArgs(fault, container),
  )
