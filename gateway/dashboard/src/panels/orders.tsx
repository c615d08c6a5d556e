/** All orders that the viewer may see: found by state and by text, placed, and opened. */
import { OrderReply, type OrderStatus, type PlaceOrderBody } from '@fleet/contracts/rest'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useId, useState } from 'react'
import { Link, useLocation, useSearchParams } from 'wouter'
import { WhyNot } from '../act.tsx'
import { Answer } from '../answer.tsx'
import { call } from '../api.ts'
import { olderOrders, ordersQuery } from '../queries.ts'
import { useRoom } from '../room.ts'
import { clockTime, fullTime } from '../times.ts'
import { isOrderOver, orderWords, shortId } from '../words.ts'

const filters = {
  all: { name: 'All', holds: () => true },
  open: { name: 'Open', holds: (status: OrderStatus) => !isOrderOver(status) && status !== 'delivered' },
  undecided: { name: 'Undecided', holds: (status: OrderStatus) => status === 'undecided' },
  ended: { name: 'Ended', holds: (status: OrderStatus) => isOrderOver(status) || status === 'delivered' },
} as const
type FilterName = keyof typeof filters
const isFilterName = (text: string | null): text is FilterName => text !== null && text in filters

const olderPagesMax = 20

export function Orders() {
  const { session } = useRoom()
  const orders = useQuery(ordersQuery)
  const [search, setSearch] = useSearchParams()
  const [older, setOlder] = useState<OrderReply[]>([])
  const [olderPages, setOlderPages] = useState(0)
  const [cursor, setCursor] = useState<string | null | undefined>(undefined)
  const searchId = useId()
  const shown = search.get('show')
  const filter: FilterName = isFilterName(shown) ? shown : 'all'
  const text = search.get('find') ?? ''
  const put = (name: string, value: string) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before)
        if (value === '') next.delete(name)
        else next.set(name, value)
        return next
      },
      { replace: true },
    )
  const more = useMutation({
    mutationFn: olderOrders,
    onSuccess: ({ items, next }) => {
      setOlder((before) => [...before, ...items])
      setOlderPages((pages) => pages + 1)
      setCursor(next ?? null)
    },
  })

  return (
    <>
      <h1>Orders</h1>
      {session.role === 'customer' && <PlaceOrder />}
      <search className="finder">
        <fieldset className="filters">
          <legend className="unseen">Which orders</legend>
          {Object.entries(filters).map(([name, { name: word }]) => (
            <label key={name}>
              <input
                type="radio"
                name="show"
                checked={filter === name}
                onChange={() => put('show', name === 'all' ? '' : name)}
              />
              {word}
            </label>
          ))}
        </fieldset>
        <div className="field">
          <label htmlFor={searchId}>Find by order, drone or base</label>
          <input id={searchId} type="search" value={text} onChange={(event) => put('find', event.target.value)} />
        </div>
      </search>
      <Answer query={orders} what="orders">
        {({ items, next }) => {
          const newest = new Set(items.map(({ orderId }) => orderId))
          const all = [...items, ...older.filter(({ orderId }) => !newest.has(orderId))]
          const found = all.filter((order) => filters[filter].holds(order.status) && matches(order, text))
          const following = cursor === undefined ? (next ?? null) : cursor
          return (
            <>
              <p className="quiet" role="status">
                {found.length} of {all.length} {following === null ? 'orders' : 'newest orders'}
              </p>
              <ul className="list">
                {found.map((order) => (
                  <OrderRow key={order.orderId} order={order} />
                ))}
              </ul>
              {following !== null && olderPages < olderPagesMax && (
                <button type="button" className="button plain" onClick={() => more.mutate(following)}>
                  {more.isPending ? 'Reading…' : 'Older orders'}
                </button>
              )}
              {more.error !== null && <WhyNot error={more.error} />}
            </>
          )
        }}
      </Answer>
    </>
  )
}

const matches = ({ orderId, flight }: OrderReply, text: string) =>
  text === '' ||
  [orderId, flight?.droneId ?? '', flight?.baseId ?? ''].some((id) =>
    id.toLowerCase().includes(text.trim().toLowerCase()),
  )

const OrderRow = ({ order: { orderId, status, placedAt, flight, parcel } }: { order: OrderReply }) => (
  <li>
    <Link href={`/orders/${orderId}`}>
      <span className="row-main">
        <strong className="id">{shortId(orderId)}</strong>
        <span className={`state ${status}`}>{orderWords[status]}</span>
      </span>
      <span className="row-rest">
        <time dateTime={placedAt} title={fullTime(placedAt)}>
          {clockTime(placedAt)}
        </time>
        <span>{parcel.weightG} g</span>
        <span className="id">{flight === null ? 'no drone' : `drone ${shortId(flight.droneId)}`}</span>
      </span>
    </Link>
  </li>
)

/** One key an intent: a repeated click, or a click after an answer that was lost, makes no second order. */
function PlaceOrder() {
  const { askPlace } = useRoom()
  const [, navigate] = useLocation()
  const queries = useQueryClient()
  const ids = { lat: useId(), lon: useId(), weight: useId() }
  const [lat, setLat] = useState('')
  const [lon, setLon] = useState('')
  const [weightG, setWeightG] = useState('500')
  const [key, setKey] = useState(() => crypto.randomUUID())
  const [isPicking, setIsPicking] = useState(false)
  useEffect(() => () => askPlace(null), [askPlace])
  const change = (set: (text: string) => void) => (event: { target: { value: string } }) => {
    set(event.target.value)
    setKey(crypto.randomUUID())
  }
  const place = useMutation({
    mutationFn: async () => {
      const body = { dropOff: { lat: Number(lat), lon: Number(lon) }, parcel: { weightG: Number(weightG) } }
      return call('/v1/orders', OrderReply, {
        method: 'POST',
        body: body satisfies PlaceOrderBody,
        idempotencyKey: key,
      })
    },
    onSuccess: async ({ orderId }) => {
      await queries.invalidateQueries({ queryKey: ['orders'] })
      navigate(`/orders/${orderId}`)
    },
  })
  const pick = () => {
    setIsPicking(!isPicking)
    askPlace(
      isPicking
        ? null
        : (at) => {
            setLat(at.lat.toFixed(6))
            setLon(at.lon.toFixed(6))
            setKey(crypto.randomUUID())
            setIsPicking(false)
            askPlace(null)
          },
    )
  }
  return (
    <form
      className="card"
      aria-label="Place an order"
      onSubmit={(event) => {
        event.preventDefault()
        if (!place.isPending) place.mutate()
      }}
    >
      <h2>Place an order</h2>
      <div className="fields">
        <div className="field">
          <label htmlFor={ids.lat}>Latitude</label>
          <input id={ids.lat} inputMode="decimal" required value={lat} onChange={change(setLat)} />
        </div>
        <div className="field">
          <label htmlFor={ids.lon}>Longitude</label>
          <input id={ids.lon} inputMode="decimal" required value={lon} onChange={change(setLon)} />
        </div>
        <div className="field">
          <label htmlFor={ids.weight}>Parcel, grams</label>
          <input id={ids.weight} inputMode="numeric" required value={weightG} onChange={change(setWeightG)} />
        </div>
      </div>
      <div className="buttons">
        <button type="button" className="button plain" aria-pressed={isPicking} onClick={pick}>
          {isPicking ? 'Click the map…' : 'Choose on the map'}
        </button>
        <button type="submit" className="button main" aria-busy={place.isPending}>
          {place.isPending ? 'Placing…' : 'Place order'}
        </button>
      </div>
      {place.error !== null && <WhyNot error={place.error} />}
    </form>
  )
}
