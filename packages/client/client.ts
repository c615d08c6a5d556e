/**
 * The public API, typed: every path, parameter, body and reply is as the document has it. `client.GET('/v1/orders/{id}',
 * { params: { path: { id } } })` gives `data`, or `error`, which is a problem document, and the `response`.
 */
import createFetchClient, { type Client } from 'openapi-fetch'
import type { components, paths } from './rest-api.generated.ts'

export type ApiClient = Client<paths, 'application/json'>
export type Problem = components['schemas']['Problem']

/** Real milliseconds. */
const answerMsMax = 15_000

/** `authorization` gives the header's value for each request; left out for what asks for no credential. */
export function createApiClient({
  gateway,
  authorization,
  timeoutMs = answerMsMax,
}: {
  gateway: string
  authorization?: () => Promise<string>
  timeoutMs?: number
}): ApiClient {
  const client = createFetchClient<paths, 'application/json'>({
    baseUrl: gateway,
    fetch: (request) =>
      fetch(new Request(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]) })),
  })
  if (authorization !== undefined) {
    client.use({
      onRequest: async ({ request }) => {
        request.headers.set('authorization', await authorization())
        return request
      },
    })
  }
  return client
}

type Answer<T> = { data?: T; error?: unknown; response: Response }

/** What was asked for; throws with the status and the problem where it was refused. */
export async function got<T>(asked: Promise<Answer<T>>): Promise<T & {}> {
  const { data, error, response } = await asked
  if (data !== undefined && data !== null) return data
  throw new Error(`${response.url} answered ${response.status}: ${JSON.stringify(error)}`)
}
