/**
 * Who is signed in. The access token stays in this page's memory; the next one comes by a cookie that no script reads.
 * Tabs share the cookie, and a refresh token serves once: so that two tabs do not show the same one, they take turns.
 */
import { BrowserSessionReply, type SignInBody } from '@fleet/contracts/accounts'
import { Problem, problemOf } from './problem.ts'

export type Session = { role: BrowserSessionReply['role'] }
type State = { kind: 'unknown' } | { kind: 'out' } | { kind: 'in'; session: Session }

const path = '/v1/sessions/browser'
const requestMsMax = 15_000
/** Renewed so long before it runs out; real milliseconds. */
const renewMs = 60_000

let state: State = { kind: 'unknown' }
let token: { text: string; untilMs: number } | null = null
let refreshing: Promise<string | null> | null = null
const listeners = new Set<() => void>()

const become = (next: State) => {
  state = next
  for (const listener of listeners) listener()
}

const send = (method: 'POST' | 'DELETE', to: string, body: unknown) =>
  fetch(to, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(requestMsMax),
  })

async function take(response: Response): Promise<string> {
  const { accessToken, expiresAt, role } = BrowserSessionReply.parse(await response.json())
  const sentAt = Date.parse(response.headers.get('date') ?? '')
  // By the server's own clock: this machine's may be off by more than the token lasts.
  const lastsMs = Number.isNaN(sentAt) ? renewMs * 2 : Date.parse(expiresAt) - sentAt
  token = { text: accessToken, untilMs: performance.now() + lastsMs - renewMs }
  if (state.kind !== 'in' || state.session.role !== role) become({ kind: 'in', session: { role } })
  return accessToken
}

async function refresh(): Promise<string | null> {
  const response = await send('POST', `${path}/refresh`, {})
  if (response.ok) return take(response)
  if (response.status !== 401) throw new Problem(await problemOf(response))
  token = null
  become({ kind: 'out' })
  return null
}

/** One tab at a time; where the browser has no locks (plain HTTP from afar), each for itself. */
const inTurn = (work: () => Promise<string | null>): Promise<string | null> =>
  'locks' in navigator ? navigator.locks.request('fleet-session', work) : work()

/** The access token, fresh; null where nobody is signed in. Rejects where the gateway does not answer. */
export async function accessToken(): Promise<string | null> {
  if (token !== null && performance.now() < token.untilMs) return token.text
  refreshing ??= inTurn(refresh).finally(() => {
    refreshing = null
  })
  return refreshing
}

/** The token was refused: the next call asks for another. */
export function forgetToken(): void {
  token = null
}

/** Rejects with a {@link Problem} that says why not. */
export async function signIn(account: SignInBody): Promise<void> {
  const response = await send('POST', path, account)
  if (!response.ok) throw new Problem(await problemOf(response))
  await take(response)
}

/** Out here at once, and for the gateway as soon as it hears. */
export async function signOut(): Promise<void> {
  token = null
  become({ kind: 'out' })
  await send('DELETE', path, {})
}

export const sessionStore = {
  get: (): State => state,
  subscribe: (listener: () => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  },
}
