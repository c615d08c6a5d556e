/** The operations room: settings, a session, and then the room itself. */
import './styles.css'
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query'
import { StrictMode, useEffect, useState, useSyncExternalStore } from 'react'
import { createRoot } from 'react-dom/client'
import { WhyNot } from './act.tsx'
import { createFleet } from './fleet.ts'
import { OperationsRoom } from './operations-room.tsx'
import { Problem } from './problem.ts'
import { accessToken, sessionStore } from './session.ts'
import { readSettings } from './settings.ts'
import { SignIn } from './sign-in.tsx'
import { useTheme } from './theme.ts'

const retriesMax = 2
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => count < retriesMax && !(error instanceof Problem && error.document.status < 500),
      staleTime: 1_000,
      // A page in the background still knows; its panels must not be old when it comes back.
      refetchOnWindowFocus: true,
      structuralSharing: true,
    },
  },
})

function Page() {
  useTheme()
  const settings = useQuery({
    queryKey: ['settings'],
    queryFn: readSettings,
    staleTime: Number.POSITIVE_INFINITY,
    retry: true,
  })
  const session = useSyncExternalStore(sessionStore.subscribe, sessionStore.get)
  const resumed = useQuery({
    queryKey: ['session'],
    queryFn: async () => ({ isIn: (await accessToken()) !== null }),
    staleTime: Number.POSITIVE_INFINITY,
    retry: true,
    retryDelay: 2_000,
  })
  const [fleet] = useState(createFleet)
  useEffect(() => {
    if (session.kind === 'out')
      queries.removeQueries({ predicate: ({ queryKey }) => !['settings', 'session'].includes(String(queryKey[0])) })
  }, [session.kind])

  if (session.kind === 'out') return <SignIn />
  if (session.kind === 'unknown' || settings.data === undefined) {
    const failure = resumed.failureReason ?? settings.failureReason
    return (
      <main className="sign-in">
        <h1>Drone delivery</h1>
        <p role="status">{failure === null ? 'Opening…' : 'The server does not answer. Trying again…'}</p>
        {failure !== null && <WhyNot error={failure} />}
      </main>
    )
  }
  return <OperationsRoom session={session.session} settings={settings.data} fleet={fleet} />
}

const holder = document.getElementById('page')
if (holder === null) throw new Error('index.html has a #page')
createRoot(holder).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Page />
    </QueryClientProvider>
  </StrictMode>,
)
