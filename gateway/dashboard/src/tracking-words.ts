/** The same states in the recipient's words. */
import type { OrderStatus } from '@fleet/contracts/rest'

export { waitingWords } from './words.ts'

export const recipientTitles: Readonly<Record<OrderStatus, string>> = {
  accepted: 'Your delivery is planned',
  assigned: 'Your drone is getting ready',
  'in-flight': 'Your parcel is in the air',
  delivered: 'Delivered',
  closed: 'Delivered',
  cancelling: 'Your delivery is being cancelled',
  undecided: 'We are not sure',
  cancelled: 'Cancelled',
  failed: 'Not delivered',
}
export const recipientSentences: Readonly<Record<OrderStatus, string>> = {
  accepted: 'The next free drone takes it.',
  assigned: 'It leaves its base in a moment.',
  'in-flight': 'The drone lowers it at your drop point. Please keep the place clear.',
  delivered: 'Your parcel lies at the drop point.',
  closed: 'Your parcel lies at the drop point.',
  cancelling: 'The drone turns back unless it has begun to hand over.',
  undecided: 'The drone fell silent close to you.',
  cancelled: 'This delivery was cancelled; nothing will come.',
  failed: 'This delivery was given up.',
}
export const failureSentence = 'Please ask the sender: another parcel is a new order.'
