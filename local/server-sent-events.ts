/** A small reader of server-sent events (WHATWG HTML, "Server-sent events"): events whose data is JSON. */
const EVENT_CHARACTERS_MAX = 1_000_000 // A longer event breaks the stream off rather than fill the memory.

export type ServerSentEvent = { event: string; data: unknown }

/** Yields each event until the server ends the stream. Throws on a status other than 200. */
export async function* serverSentEvents(
  url: string,
  headers: Record<string, string>,
  signal: AbortSignal,
  charactersMax = EVENT_CHARACTERS_MAX,
): AsyncGenerator<ServerSentEvent> {
  const response = await fetch(url, { headers: { ...headers, accept: 'text/event-stream' }, signal })
  if (!response.ok || response.body === null)
    throw new Error(`GET ${url} answered ${response.status}: ${await response.text()}`)
  let rest = ''
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    rest += text
    const blocks = rest.split(/\r?\n\r?\n/)
    rest = blocks.pop() ?? ''
    if (rest.length > charactersMax) throw new Error(`GET ${url}: an event is longer than ${charactersMax}.`)
    for (const block of blocks) {
      const fields = block.split(/\r?\n/).map((line) => /^(event|data): ?(.*)$/.exec(line))
      const valuesOf = (name: string) => fields.flatMap((field) => (field?.[1] === name ? [field[2] ?? ''] : []))
      const data = valuesOf('data')
      if (data.length > 0) yield { event: valuesOf('event').at(-1) ?? 'message', data: JSON.parse(data.join('\n')) }
    }
  }
}
