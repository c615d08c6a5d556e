/** One order, live: where it is, when it comes, and what may be done about it. */

import { TrackingLinkReply } from '@fleet/contracts/front-door'
import { LatestPosition, OrderReply } from '@fleet/contracts/rest'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Link } from 'wouter'
import { z } from 'zod'
import { Act, WhyNot } from '../act.tsx'
import { Answer } from '../answer.tsx'
import { call } from '../api.ts'
import { type Connection, openLiveStream } from '../live-stream.ts'
import { orderQuery } from '../queries.ts'
import { useRoom } from '../room.ts'
import { Steps } from '../steps.tsx'
import { clockTime, fullTime, realNow, span } from '../times.ts'
import { useNow } from '../use-now.ts'
import { failWords, isOrderOver, orderSentences, orderWords, shortId, waitingWords } from '../words.ts'

const Progress = LatestPosition.extend({ toDropOffM: z.number(), progressPct: z.number().nullable() })
type Progress = z.infer<typeof Progress>

export function Order({ id }: { id: string }) {
  const order = useQuery(orderQuery(id))
  const live = useOrderStream(id)
  return (
    <>
      <p className="back">
        <Link href="/orders">All orders</Link>
      </p>
      <h1>
        Order <span className="id">{shortId(id)}</span>
      </h1>
      <Answer query={order} what="the order">
        {(data) => <OrderView order={data} {...live} />}
      </Answer>
    </>
  )
}

/** Follows the order's own stream into the query's data, until the order is over. */
function useOrderStream(id: string): { connection: Connection; progress: Progress | null; heardAtMs: number } {
  const { fleet, session } = useRoom()
  const [heardAtMs, setHeardAtMs] = useState(realNow)
  const queries = useQueryClient()
  const [connection, setConnection] = useState<Connection>({ kind: 'connecting' })
  const [progress, setProgress] = useState<Progress | null>(null)
  useEffect(() => {
    const stream = openLiveStream({
      path: () => `/v1/orders/${encodeURIComponent(id)}/events`,
      onConnection: setConnection,
      onEvent: ({ event, data }) => {
        setHeardAtMs(realNow())
        if (event === 'position') {
          const position = Progress.parse(data)
          setProgress(position)
          fleet.showOne(position)
          return
        }
        const parsed = OrderReply.safeParse(data)
        if (!parsed.success) return
        queries.setQueryData(orderQuery(id).queryKey, parsed.data)
        void queries.invalidateQueries({ queryKey: ['orders'] })
        if (isOrderOver(parsed.data.status)) stream.close()
      },
    })
    return () => {
      stream.close()
      // A customer sees its order's drone, and no other; an operator's fleet goes on.
      if (session.role === 'customer') for (const droneId of fleet.drones.keys()) fleet.forget(droneId)
    }
  }, [id, fleet, queries, session.role])
  return { connection, progress, heardAtMs }
}

function OrderView({
  order,
  connection,
  progress,
  heardAtMs,
}: {
  order: OrderReply
  connection: Connection
  progress: Progress | null
  heardAtMs: number
}) {
  const nowMs = useNow()
  const { session, settings } = useRoom()
  const { status, estimatedHandOverAt, waitingFor, failedBecause, flight, handedOver, dropOff, parcel, placedAt } =
    order
  const isOver = isOrderOver(status)
  const leftMs = estimatedHandOverAt === null ? null : Date.parse(estimatedHandOverAt) - settings.worldNow()
  const isComing = status === 'accepted' || status === 'assigned' || status === 'in-flight'
  return (
    <>
      <p className="headline" role="status">
        <span className={`state ${status}`}>{orderWords[status]}</span> {orderSentences[status]}
        {waitingFor !== null && status === 'accepted' && ` It waits because ${waitingWords[waitingFor]}.`}
        {failedBecause !== null && ` Because ${failWords[failedBecause]}.`}
      </p>
      {!isOver && connection.kind === 'lost' && (
        <p className="notice" role="status">
          Connection lost: this is how it was {span(nowMs - heardAtMs)} ago. Trying again.
        </p>
      )}
      <Steps status={status} />
      {isComing && progress !== null && progress.progressPct !== null && (
        <p className="progress">
          <progress max={100} value={progress.progressPct} aria-label="Progress to the drop point" />
          <span>{(progress.toDropOffM / 1_000).toFixed(1)} km to go</span>
        </p>
      )}
      <dl className="facts">
        {isComing && estimatedHandOverAt !== null && leftMs !== null && (
          <Fact name="Estimated hand-over">
            <Time iso={estimatedHandOverAt} /> {leftMs > 0 ? `· in ${span(leftMs)}` : '· any moment'}
          </Fact>
        )}
        {handedOver !== null && (
          <Fact name="Handed over">
            <Time iso={handedOver.handedOverAt} />
          </Fact>
        )}
        <Fact name="Placed">
          <Time iso={placedAt} />
        </Fact>
        <Fact name="Drop point">
          {dropOff.lat.toFixed(5)}, {dropOff.lon.toFixed(5)}
        </Fact>
        <Fact name="Parcel">{parcel.weightG} g</Fact>
        {flight !== null && (
          <Fact name="Drone">
            {session.role === 'operator' ? (
              <Link className="id" href={`/drones/${flight.droneId}`}>
                {shortId(flight.droneId)}
              </Link>
            ) : (
              <span className="id">{shortId(flight.droneId)}</span>
            )}
            {flight.epoch > 1 && `, flight ${flight.epoch}`}
          </Fact>
        )}
        <Fact name="Order">
          <span className="id">{order.orderId}</span>
        </Fact>
      </dl>
      {status === 'undecided' && <Undecided order={order} />}
      <div className="acts">
        {(isComing || status === 'cancelling') && <Cancel order={order} />}
        {session.role === 'customer' && <TrackingLink orderId={order.orderId} />}
      </div>
    </>
  )
}

const Fact = ({ name, children }: { name: string; children: React.ReactNode }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)
const Time = ({ iso }: { iso: string }) => (
  <time dateTime={iso} title={fullTime(iso)}>
    {clockTime(iso)}
  </time>
)

function useReread(orderId: string): () => void {
  const queries = useQueryClient()
  return () => {
    void queries.invalidateQueries({ queryKey: orderQuery(orderId).queryKey })
    void queries.invalidateQueries({ queryKey: ['orders'] })
  }
}

function Cancel({ order: { orderId, status } }: { order: OrderReply }) {
  return (
    <Act
      label="Cancel order"
      done="Asked: it is cancelled unless the hand-over is quicker."
      tone="danger"
      disabled={status === 'cancelling'}
      act={() => call(`/v1/orders/${orderId}/cancellation`, OrderReply, { method: 'POST', body: {} })}
      onDone={useReread(orderId)}
      confirm={{
        title: 'Cancel this order?',
        text: <p>The drone brings the parcel back. It cannot be cancelled once the hand-over has begun.</p>,
      }}
    />
  )
}

/** Nobody knows whether the parcel came: whoever does says so, or an operator closes the matter. */
function Undecided({ order: { orderId } }: { order: OrderReply }) {
  const { session } = useRoom()
  const reread = useReread(orderId)
  const state = (came: boolean) => () =>
    call(`/v1/orders/${orderId}/receipt`, OrderReply, { method: 'POST', body: { came } })
  return (
    <section className="card">
      <h2>Did the parcel come?</h2>
      <p>
        “It came” settles the order. “It did not come” is written down and settles nothing: the drone may still report,
        or an operator closes the order.
      </p>
      <div className="acts">
        <Act label="It came" done="Written down." tone="main" act={state(true)} onDone={reread} />
        <Act label="It did not come" done="Written down: an operator sees it." act={state(false)} onDone={reread} />
        {session.role === 'operator' && (
          <Act
            label="Close as failed"
            done="Closed."
            tone="danger"
            act={(note) => call(`/v1/deliveries/${orderId}/closure`, z.unknown(), { method: 'POST', body: { note } })}
            onDone={reread}
            confirm={{
              title: 'Close this order as failed?',
              text: <p>Only where you know that nothing more will come of it. Another parcel is a new order.</p>,
              note: 'asked',
            }}
          />
        )}
      </div>
    </section>
  )
}

function TrackingLink({ orderId }: { orderId: string }) {
  const [key] = useState(() => crypto.randomUUID())
  const [copied, setCopied] = useState(false)
  const link = useMutation({
    mutationFn: () =>
      call(`/v1/orders/${orderId}/tracking-links`, TrackingLinkReply, {
        method: 'POST',
        body: {},
        idempotencyKey: key,
      }),
  })
  const url = link.data === undefined ? null : `${window.location.origin}/track/${link.data.token}`
  return (
    <div className="act">
      <button type="button" className="button plain" aria-busy={link.isPending} onClick={() => link.mutate()}>
        {link.isPending ? 'Making a link…' : 'Link for the recipient'}
      </button>
      {url !== null && (
        <p className="link-made">
          <a href={url}>Tracking page</a>
          <button
            type="button"
            className="button plain"
            onClick={() =>
              void navigator.clipboard.writeText(url).then(
                () => setCopied(true),
                () => setCopied(false),
              )
            }
          >
            Copy
          </button>
          <output>{copied ? 'Copied.' : ''}</output>
        </p>
      )}
      {link.error !== null && <WhyNot error={link.error} />}
    </div>
  )
}
