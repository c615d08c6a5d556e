/** The recipient's page: one link, no account, this one delivery. The link's last part is the token. */
import './styles.css'
import { TrackingReply } from '@fleet/contracts/front-door'
import { QueryClient, QueryClientProvider, useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, StrictMode, Suspense, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { Act, WhyNot } from './act.tsx'
import { openCall } from './api.ts'
import { createFleet } from './fleet.ts'
import { mercatorX, mercatorY } from './motion.ts'
import { Problem } from './problem.ts'
import { readSettings, type Settings } from './settings.ts'
import { Steps } from './steps.tsx'
import { useTheme } from './theme.ts'
import { fullTime, shortTime, span } from './times.ts'
import { failureSentence, recipientSentences, recipientTitles, waitingWords } from './tracking-words.ts'
import { useNow } from './use-now.ts'

const FleetMap = lazy(() => import('./map.tsx'))

const readEveryMs = 1_500
/** How old a reading may be before the page says so; real milliseconds. */
const oldMs = 5_000
const token = location.pathname.split('/')[2] ?? ''
const path = `/v1/tracking/${encodeURIComponent(token)}`
const parcelDrone = 'drn_parcel'

const queries = new QueryClient({ defaultOptions: { queries: { retry: 1 } } })
const isOver = (status: TrackingReply['status'] | undefined) =>
  status === 'delivered' || status === 'closed' || status === 'cancelled' || status === 'failed'

function Page() {
  useTheme()
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: readSettings,
    staleTime: Number.POSITIVE_INFINITY,
    retry: true,
  })
  const tracking = useQuery({
    queryKey: ['tracking'],
    queryFn: () => openCall(path, TrackingReply),
    refetchInterval: ({ state }) => (isOver(state.data?.status) ? false : readEveryMs),
    retry: (_count, error) => !(error instanceof Problem && error.document.status === 404),
  })
  const { data, error, dataUpdatedAt } = tracking
  if (settings.data === undefined || data === undefined) {
    return (
      <main className="tracking">
        <h1>Your delivery</h1>
        {error === null ? <p role="status">Opening…</p> : <WhyNot error={error} />}
      </main>
    )
  }
  return <Tracking tracking={data} settings={settings.data} readAtMs={dataUpdatedAt} />
}

function Tracking({ tracking, settings, readAtMs }: { tracking: TrackingReply; settings: Settings; readAtMs: number }) {
  const { status, waitingFor, handedOver } = tracking
  const ageMs = Math.max(0, useNow() - readAtMs)
  return (
    <main className="tracking">
      <h1>{recipientTitles[status]}</h1>
      <p className="headline" role="status">
        {recipientSentences[status]}
        {waitingFor !== null && status === 'accepted' && ` It waits because ${waitingWords[waitingFor]}.`}
        {status === 'failed' && ` ${failureSentence}`}
      </p>
      {!isOver(status) && ageMs > oldMs && (
        <p className="notice" role="status">
          No connection: this was {span(ageMs)} ago. Trying again.
        </p>
      )}
      <Estimate tracking={tracking} settings={settings} />
      <Steps status={status} />
      {handedOver !== null && (
        <p>
          Handed over at{' '}
          <time dateTime={handedOver.handedOverAt} title={fullTime(handedOver.handedOverAt)}>
            {shortTime(Date.parse(handedOver.handedOverAt))}
          </time>
          .
        </p>
      )}
      {status === 'undecided' && <DidItCome />}
      <TrackingMap tracking={tracking} settings={settings} />
    </main>
  )
}

function Estimate({
  tracking: { status, estimatedHandOverAt },
  settings,
}: {
  tracking: TrackingReply
  settings: Settings
}) {
  if (estimatedHandOverAt === null || isOver(status) || status === 'undecided' || status === 'cancelling') return null
  const leftMs = Date.parse(estimatedHandOverAt) - settings.worldNow()
  return (
    <p className="estimate">
      <span className="big">{leftMs > 0 ? span(leftMs) : 'Any moment'}</span>
      <span>
        about{' '}
        <time dateTime={estimatedHandOverAt} title={fullTime(estimatedHandOverAt)}>
          {shortTime(Date.parse(estimatedHandOverAt))}
        </time>
      </span>
    </p>
  )
}

function DidItCome() {
  const client = useQueryClient()
  const state = (came: boolean) => () =>
    openCall(`${path}/receipt`, TrackingReply, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ came }),
    })
  const reread = () => void client.invalidateQueries({ queryKey: ['tracking'] })
  return (
    <section className="card">
      <h2>Did your parcel come?</h2>
      <p>We lost contact with the drone while it was allowed to hand over. You are the one who can see.</p>
      <div className="acts">
        <Act label="It came" done="Thank you." tone="main" act={state(true)} onDone={reread} />
        <Act
          label="It did not come"
          done="Thank you: our operators see it, and look into it."
          act={state(false)}
          onDone={reread}
        />
      </div>
    </section>
  )
}

/** Its drone alone, gliding between readings as the fleet's map does. */
function TrackingMap({
  tracking: { dropOff, drone, status },
  settings,
}: {
  tracking: TrackingReply
  settings: Settings
}) {
  const { theme } = useTheme()
  const [fleet] = useState(createFleet)
  useEffect(() => {
    if (drone === null) fleet.forget(parcelDrone)
    else fleet.showOwn(parcelDrone, drone)
  }, [fleet, drone])
  const at = { x: mercatorX(dropOff.lon), y: mercatorY(dropOff.lat), name: 'Drop point', isSelected: true }
  const focus = { key: drone === null ? status : 'flying', places: drone === null ? [dropOff] : [dropOff, drone] }
  return (
    <div className="map-side">
      <Suspense fallback={<p className="map quiet">Reading the map…</p>}>
        <FleetMap
          theme={theme}
          styleUrl={settings.mapStyleUrl}
          bases={none}
          zones={none}
          scene={() => ({
            drones: fleet.drones,
            health: fleet.health,
            ways: none,
            bases: none,
            zones: none,
            dropOffs: [at],
            selectedId: null,
          })}
          subscribe={fleet.onFrame}
          focus={focus}
          label="Map of the drone and your drop point"
        />
      </Suspense>
    </div>
  )
}
const none: never[] = []

const holder = document.getElementById('page')
if (holder === null) throw new Error('track.html has a #page')
createRoot(holder).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Page />
    </QueryClientProvider>
  </StrictMode>,
)
