/** The room: what is connected, where to look, the panel that the address names, and the map of everything that flies. */
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from 'react'
import { Link, Redirect, Route, Switch, useLocation } from 'wouter'
import type { Fleet } from './fleet.ts'
import { LiveState } from './live-state.tsx'
import type { MapProps } from './map.tsx'
import { MapLegend } from './map-legend.tsx'
import { Alerts } from './panels/alerts.tsx'
import { Attacks } from './panels/attacks.tsx'
import { Drone } from './panels/drone.tsx'
import { Drones } from './panels/drones.tsx'
import { Order } from './panels/order.tsx'
import { Orders } from './panels/orders.tsx'
import { Services } from './panels/services.tsx'
import { alertsQuery, basesQuery, healthsQuery, ordersQuery, zonesQuery } from './queries.ts'
import { type Room, RoomContext } from './room.ts'
import { createRoomScene } from './room-scene.ts'
import { type Session, signOut } from './session.ts'
import type { Settings } from './settings.ts'
import { useTheme } from './theme.ts'

const FleetMap = lazy(() => import('./map.tsx'))

const panels = [
  { path: '/orders', name: 'Orders', for: 'everyone' },
  { path: '/drones', name: 'Drones', for: 'operators' },
  { path: '/alerts', name: 'Alerts', for: 'operators' },
  { path: '/services', name: 'Services', for: 'operators' },
  { path: '/attacks', name: 'Attacks', for: 'operators' },
] as const

export function OperationsRoom({ session, settings, fleet }: { session: Session; settings: Settings; fleet: Fleet }) {
  const isOperator = session.role === 'operator'
  const [take, setTake] = useState<MapProps['onPlace']>(undefined)
  const room = useMemo<Room>(
    () => ({ session, settings, fleet, askPlace: (taker) => setTake(() => taker ?? undefined) }),
    [session, settings, fleet],
  )
  useEffect(() => (isOperator ? fleet.follow() : undefined), [fleet, isOperator])
  useNews(fleet)

  return (
    <RoomContext value={room}>
      <div className="room">
        <a className="skip" href="#panel">
          Skip to the panel
        </a>
        <Bar isOperator={isOperator} />
        <Panel isOperator={isOperator} />
        <RoomMap isOperator={isOperator} onPlace={take} room={room} />
      </div>
    </RoomContext>
  )
}

/** What the stream tells is read again at once, with all that belongs to it. */
function useNews(fleet: Fleet): void {
  const queries = useQueryClient()
  useEffect(
    () =>
      fleet.onNews((event) => {
        if (event === 'health.changed') void queries.invalidateQueries({ queryKey: ['health'] })
        if (event === 'breaker.changed') void queries.invalidateQueries({ queryKey: ['services'] })
        if (event === 'alert.raised') void queries.invalidateQueries({ queryKey: ['denials'] })
      }),
    [fleet, queries],
  )
}

function Bar({ isOperator }: { isOperator: boolean }) {
  const { theme, turn } = useTheme()
  const [location] = useLocation()
  const alerts = useQuery({ ...alertsQuery, enabled: isOperator })
  const count = alerts.data?.items.length ?? 0
  return (
    <header className="bar">
      <p className="name">Drone delivery</p>
      <nav aria-label="Panels">
        {panels
          .filter((panel) => isOperator || panel.for === 'everyone')
          .map(({ path, name }) => (
            <Link key={path} href={path} aria-current={location.startsWith(path) ? 'page' : undefined}>
              {name}
              {path === '/alerts' && count > 0 && (
                <span className="count">
                  {count} <span className="unseen">open</span>
                </span>
              )}
            </Link>
          ))}
      </nav>
      <LiveState isOperator={isOperator} />
      <div className="bar-end">
        <button type="button" className="button quiet-button" onClick={turn}>
          {theme === 'dark' ? 'Light' : 'Dark'}
        </button>
        <button type="button" className="button quiet-button" onClick={() => void signOut().catch(() => undefined)}>
          Sign out
        </button>
      </div>
    </header>
  )
}

function Panel({ isOperator }: { isOperator: boolean }) {
  const [location] = useLocation()
  const main = useRef<HTMLElement>(null)
  const before = useRef(location)
  useEffect(() => {
    if (before.current === location) return
    before.current = location
    // A reader of the screen hears where it has come to, and the next Tab goes on from there.
    main.current?.focus({ preventScroll: true })
    main.current?.scrollTo(0, 0)
  }, [location])
  const operators = (panel: ReactNode) => (isOperator ? panel : <OperatorsOnly />)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so must be in reach of the keyboard where nothing in it is.
    <main className="panel" id="panel" ref={main} tabIndex={0}>
      <Switch>
        <Route path="/orders">
          <Orders />
        </Route>
        <Route path="/orders/:id">{({ id }) => <Order key={id} id={id} />}</Route>
        <Route path="/drones">{operators(<Drones />)}</Route>
        <Route path="/drones/:id">{({ id }) => operators(<Drone key={id} id={id} />)}</Route>
        <Route path="/alerts">{operators(<Alerts />)}</Route>
        <Route path="/services">{operators(<Services />)}</Route>
        <Route path="/attacks">{operators(<Attacks />)}</Route>
        <Route>
          <Redirect to="/orders" replace />
        </Route>
      </Switch>
    </main>
  )
}

const OperatorsOnly = () => (
  <>
    <h1>For operators</h1>
    <p>You are signed in as a customer: this panel is an operator’s.</p>
    <p>
      <Link href="/orders">Go to your orders</Link>
    </p>
  </>
)

function RoomMap({ isOperator, onPlace, room }: { isOperator: boolean; onPlace: MapProps['onPlace']; room: Room }) {
  const { fleet, settings } = room
  const { theme } = useTheme()
  const [location, navigate] = useLocation()
  const bases = useQuery(basesQuery)
  const zones = useQuery(zonesQuery)
  const orders = useQuery(ordersQuery)
  const healths = useQuery({ ...healthsQuery, enabled: isOperator })
  const [, kind, id] = location.split('/')
  const scene = useMemo(() => createRoomScene(fleet), [fleet])

  useEffect(() => {
    fleet.setHealth(healths.data?.items ?? [])
  }, [fleet, healths.data])
  useEffect(() => {
    scene.set({
      bases: bases.data?.items ?? [],
      zones: zones.data?.items ?? [],
      orders: orders.data?.items ?? [],
      selected: kind === 'orders' || kind === 'drones' ? (id ?? null) : null,
    })
  }, [scene, bases.data, zones.data, orders.data, kind, id])

  const focus = scene.focusOf({ kind, id, orders: orders.data?.items, bases: bases.data?.items })
  return (
    <div className={onPlace === undefined ? 'map-side' : 'map-side picking'}>
      <Suspense fallback={<p className="map quiet">Reading the map…</p>}>
        <FleetMap
          theme={theme}
          styleUrl={settings.mapStyleUrl}
          bases={bases.data?.items ?? none}
          zones={zones.data?.items ?? none}
          scene={scene.get}
          subscribe={scene.subscribe}
          focus={focus}
          label={isOperator ? 'Map of the fleet' : 'Map of your orders'}
          onPick={(droneId) => isOperator && navigate(`/drones/${droneId}`)}
          onPlace={onPlace}
        />
      </Suspense>
      <MapLegend isOperator={isOperator} />
    </div>
  )
}

const none: never[] = []
