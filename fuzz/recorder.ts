/** Calls operations by their id, holds every answer against the document, and keeps which statuses were seen. */
import { type Asked, ask, type Heard } from './ask.ts'
import type { Api, Operation } from './document.ts'

export type Call = {
  path?: Record<string, string>
  query?: Record<string, string>
  body?: unknown
  headers?: Record<string, string>
  /** In place of the JSON text of `body`. */
  text?: string
  /** Whose credential it carries; nobody's where it is left out. */
  as?: 'customer' | 'operator'
  /** At another gateway of the same stack. */
  at?: string
} & Pick<Asked, 'from' | 'bodyAfterMs'>

export type Recorder = {
  /** Notes an answer of another status than `expected`, or than any of these, as it notes each fault, and goes on. */
  call(id: string, expected: number | readonly number[], call?: Call): Promise<Heard>
  /** Notes the answer of a call whose status is left open. */
  look(operation: Operation, call?: Call): Promise<Heard>
  faults: string[]
  calls(): number
  /** `id status` of what is documented and was not seen. */
  unseen(): string[]
}

export type Credentials = Record<'customer' | 'operator', () => Promise<string>>

const unanswered: Heard = { status: 0, contentType: '', headers: {}, text: '', events: [] }

export function createRecorder(api: Api, gateway: string, credentials: Credentials): Recorder {
  const faults: string[] = []
  const seen = new Set<string>()
  let calls = 0
  const look: Recorder['look'] = async (operation, given = {}) => {
    const { path = {}, query, body, headers = {}, text, as, at = gateway, ...rest } = given
    const filled = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => path[name] ?? '%E0%A4%A')
    const search = query === undefined || Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query)}`
    const sent = text ?? (body === undefined ? undefined : JSON.stringify(body))
    const answer = ask(at, {
      method: operation.method,
      path: `${filled}${search}`,
      headers: {
        ...(as === undefined ? {} : { authorization: await credentials[as]() }),
        ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(sent === undefined ? {} : { body: sent }),
      ...rest,
    })
    calls += 1
    const heard = await answer.catch((error: unknown): null => {
      faults.push(error instanceof Error ? error.message : String(error))
      return null
    })
    if (heard === null) return unanswered
    seen.add(`${operation.id} ${heard.status}`)
    // Documented everywhere, and always a fault of ours.
    if (heard.status === 500) faults.push(`${operation.at} 500: ${heard.text.slice(0, 300)}`)
    const found = [
      ...api.faults(operation, heard),
      ...heard.events.flatMap((event) => api.eventFaults(operation, event)),
    ]
    faults.push(...found.map((fault) => `${operation.at} ${heard.status}: ${fault}`))
    return heard
  }
  return {
    look,
    call: async (id, expected, given) => {
      const operation = api.operations.find((one) => one.id === id)
      if (operation === undefined) throw new Error(`the document has no operation ${id}`)
      const heard = await look(operation, given)
      if (![expected].flat().includes(heard.status))
        faults.push(`${operation.at}: ${heard.status} where ${expected} was meant: ${heard.text.slice(0, 300)}`)
      return heard
    },
    faults,
    calls: () => calls,
    unseen: () =>
      api.operations
        .flatMap(({ id, statuses }) => statuses.map((status) => `${id} ${status}`))
        .filter((one) => !seen.has(one)),
  }
}
