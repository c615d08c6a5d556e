/** What things are called on the pages: one sentence or two words for each word of the contracts. */
import type { FailReason, WaitingReason } from '@fleet/contracts/deliveries'
import type { CommandKind } from '@fleet/contracts/drone-commands'
import type { HealthState } from '@fleet/contracts/drone-health'
import type { CommandStatus, DroneHealthReply, OrderStatus } from '@fleet/contracts/rest'

export const orderWords: Readonly<Record<OrderStatus, string>> = {
  accepted: 'Waiting for a drone',
  assigned: 'Drone assigned',
  'in-flight': 'In flight',
  delivered: 'Delivered',
  closed: 'Closed',
  cancelling: 'Being cancelled',
  undecided: 'Undecided',
  cancelled: 'Cancelled',
  failed: 'Failed',
}
export const orderSentences: Readonly<Record<OrderStatus, string>> = {
  accepted: 'No drone is assigned yet.',
  assigned: 'A drone has the order and is about to leave.',
  'in-flight': 'The parcel is on its way.',
  delivered: 'The parcel was handed over; the drone flies home.',
  closed: 'The parcel was handed over and the drone is back.',
  cancelling: 'It is cancelled unless the hand-over was quicker.',
  undecided: 'The drone fell silent while it was allowed to hand over: nobody knows yet whether the parcel came.',
  cancelled: 'It was cancelled before the hand-over.',
  failed: 'It was given up.',
}
export const waitingWords: Readonly<Record<WaitingReason, string>> = {
  'no-idle-drone': 'every drone in reach is busy',
  'no-charged-drone': 'the drones in reach are charging',
  'no-drone-at-base': 'no drone stands at a base in reach',
  'base-paused': 'the base is paused',
  'no-fly-zone': 'a no-fly zone lies in the way',
}
export const failWords: Readonly<Record<FailReason, string>> = {
  'no-drone-in-time': 'no drone was free in time',
  'too-many-attempts': 'too many flights failed',
  'closed-by-operator': 'an operator closed it',
}

export const healthWords: Readonly<Record<HealthState, string>> = {
  healthy: 'Healthy',
  suspect: 'Suspect',
  unresponsive: 'Unresponsive',
  defective: 'Defective',
  rebooting: 'Rebooting',
  recovering: 'Recovering',
  grounded: 'Grounded',
}

/** What the policy is doing about a drone, or waits for. */
export function policyWords({ status, evidence }: Pick<DroneHealthReply, 'status' | 'evidence'>): string {
  switch (status) {
    case 'healthy':
      return 'Nothing: all is well.'
    case 'suspect':
      return 'Watching: a rule spoke, and it must go on before anything is done.'
    case 'unresponsive':
      return 'Confirmed: it does not answer. The next rung of the ladder is a reboot; after the last it is grounded and its order goes to another drone.'
    case 'defective':
      return evidence?.rule === 'battery'
        ? 'Ordered to land where it is; it is grounded next, and its order goes to another drone.'
        : evidence?.rule === 'no-fly-zone'
          ? 'Ordered to fly home, out of the zone.'
          : 'Confirmed: what it reports cannot be right. A reboot comes next; if that does not help, it is grounded.'
    case 'rebooting':
      return 'A reboot is ordered; waiting for the drone’s next boot.'
    case 'recovering':
      return 'It has booted; five good readings make it healthy, or the ladder goes on.'
    case 'grounded':
      return 'Grounded: only an operator’s release brings it back, once it passes its self-check.'
  }
}

const ruleWords: Readonly<Record<string, string>> = {
  silent: 'Nothing was heard from it',
  nonsense: 'Its messages cannot be read',
  frozen: 'It repeats one position',
  jump: 'It jumps further than it can fly',
  battery: 'Its battery does not reach home',
  'no-fly-zone': 'It is in a no-fly zone',
  altitude: 'Its height cannot be right',
  corridor: 'It has left its corridor',
  clock: 'Its clock is wrong',
  ignores: 'It does not answer what it is asked',
  refuses: 'It refuses what it is asked',
  gaps: 'Positions of it are missing',
  operator: 'An operator decided so',
}
export const ruleSentence = (rule: string) => ruleWords[rule] ?? rule

/** `heardSilentMs` → `heard silent (ms)`. */
export const readingName = (name: string) =>
  name
    .replace(/(Ms|Mps|Pct|Deg|M|S)(Max|Min)?$/, (_all, unit: string, bound: string | undefined) => {
      const units: Record<string, string> = { Ms: 'ms', Mps: 'm/s', Pct: '%', Deg: '°', M: 'm', S: 's' }
      return `${bound === undefined ? '' : ` ${bound.toLowerCase()}`} (${units[unit] ?? unit})`
    })
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

export const commandWords: Readonly<Record<CommandKind, { verb: string; asks: string }>> = {
  reboot: {
    verb: 'Reboot',
    asks: 'Its computer starts anew. In the air it keeps hovering by its flight controller meanwhile.',
  },
  hold: { verb: 'Hold', asks: 'It stops and hovers where it is, until it is told to resume.' },
  resume: { verb: 'Resume', asks: 'It goes on with its itinerary.' },
  return: { verb: 'Return', asks: 'It flies back to its base; a parcel on board comes back with it.' },
  land: { verb: 'Land', asks: 'It comes down where it is now, wherever that is.' },
}
export const commandStatusWords: Readonly<Record<CommandStatus, string>> = {
  queued: 'Queued',
  sent: 'Sent',
  acknowledged: 'Acknowledged',
  'in-progress': 'In progress',
  succeeded: 'Succeeded',
  failed: 'Failed',
  refused: 'Refused',
  expired: 'Expired',
  cancelled: 'Cancelled',
  unknown: 'Unknown: the drone was written off',
}
export const isCommandOver = (status: CommandStatus) =>
  status !== 'queued' && status !== 'sent' && status !== 'acknowledged' && status !== 'in-progress'

export const isOrderOver = (status: OrderStatus) => status === 'closed' || status === 'cancelled' || status === 'failed'

/** The end of an id: enough to tell two apart in a list. */
export const shortId = (id: string) => id.slice(id.indexOf('_') + 1).slice(0, 8)
