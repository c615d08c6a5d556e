/** How far an order has come, as steps: the same for whoever placed it and for whoever waits for it. */
import type { OrderStatus } from '@fleet/contracts/rest'

const steps = ['Accepted', 'Drone assigned', 'In flight', 'Delivered'] as const

const reached: Readonly<Record<OrderStatus, number>> = {
  accepted: 0,
  assigned: 1,
  'in-flight': 2,
  undecided: 2,
  cancelling: 1,
  delivered: 3,
  closed: 3,
  cancelled: -1,
  failed: -1,
}

export function Steps({ status }: { status: OrderStatus }) {
  const now = reached[status]
  if (now < 0) return null
  return (
    <ol className="steps" aria-label="How far it has come">
      {steps.map((step, index) => (
        <li
          key={step}
          className={index < now ? 'past' : index === now ? 'now' : 'ahead'}
          aria-current={index === now ? 'step' : undefined}
        >
          {step}
          <span className="unseen">{index < now ? ', done' : index === now ? ', now' : ', ahead'}</span>
        </li>
      ))}
    </ol>
  )
}
