/** Asks a server as raw as a caller may: any path, body and header as they are, from any address of this machine. */
import { request } from 'node:http'
import type { Answer } from './document.ts'

export type Asked = {
  method: string
  /** With its query, encoded. */
  path: string
  headers?: Record<string, string>
  body?: string
  /** Where the call comes from; an address of this machine. */
  from?: string
  /** The body follows its headers so many real milliseconds later. */
  bodyAfterMs?: number
}
export type Heard = Answer & {
  headers: Record<string, string>
  /** The first events of a stream, which was left then. */
  events: { event: string; data: unknown }[]
}

const answerMsMax = 30_000
const answerBytesMax = 32 * 1024 * 1024
/** A stream is left once its first event is there. */
const eventEnd = '\n\n'

export function ask(base: string, { method, path, headers = {}, body, from, bodyAfterMs = 0 }: Asked): Promise<Heard> {
  const { hostname, port } = new URL(base)
  const { promise, resolve, reject } = Promise.withResolvers<Heard>()
  const length = body === undefined ? {} : { 'content-length': `${Buffer.byteLength(body)}` }
  const call = request(
    {
      host: hostname,
      port,
      method,
      path,
      headers: { ...length, ...headers },
      localAddress: from,
      timeout: answerMsMax,
    },
    (response) => {
      let text = ''
      const heard = (events: Heard['events'] = []): Heard => ({
        status: response.statusCode ?? 0,
        contentType: response.headers['content-type'] ?? '',
        headers: Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, String(value)])),
        text,
        events,
      })
      const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true
      response.setEncoding('utf8')
      response.on('data', (more: string) => {
        text += more
        if (isStream && text.includes(eventEnd)) {
          resolve(heard(eventsOf(text)))
          response.destroy()
        } else if (text.length > answerBytesMax)
          call.destroy(new Error(`${method} ${path}: more than ${answerBytesMax} bytes`))
      })
      response.once('end', () => resolve(heard()))
      response.once('error', reject)
    },
  )
  call.once('timeout', () => call.destroy(new Error(`${method} ${path}: no answer within ${answerMsMax} ms`)))
  call.once('error', (error) => reject(new Error(`${method} ${path}: ${error.message}`)))
  if (bodyAfterMs === 0) call.end(body)
  else {
    call.flushHeaders()
    setTimeout(() => call.end(body), bodyAfterMs)
  }
  return promise
}

function eventsOf(text: string): Heard['events'] {
  const [first = ''] = text.split(eventEnd)
  const line = (name: string) =>
    first
      .split('\n')
      .find((each) => each.startsWith(`${name}: `))
      ?.slice(name.length + 2)
  return [{ event: line('event') ?? 'message', data: JSON.parse(line('data') ?? 'null') }]
}
