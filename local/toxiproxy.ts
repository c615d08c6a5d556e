/**
 * Toxiproxy between parts of the stack: a link through it can be slowed, narrowed, reset or cut, where a kernel cannot or may not
 * do so. One process serves all links; what is behind a link stands in front of it under another port.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { type Child, startChild } from './child.ts'
import { runCommand } from './command.ts'
import type { PortPicker } from './ports.ts'
import { Missing, provisionOnce, type Say } from './provision.ts'
import type { Reaper } from './reaper.ts'
import { waitUntil } from './wait.ts'

const VERSION = '2.5.0'
const MODULE = `github.com/Shopify/toxiproxy/v2/cmd/server@v${VERSION}`
/** Sources and build; the program itself is 15 MB. */
const NEED_BYTES = 800e6
const BUILD_TIMEOUT_MS = 10 * 60_000
const SERVE_TIMEOUT_MS = 20_000
const REQUEST_TIMEOUT_MS = 5_000
const HOST = '127.0.0.1'

/** Refuses with {@link Missing}, where there is no `TOXIPROXY_BIN`, no `toxiproxy-server` on the path and no Go to build it with. */
export async function findToxiproxy({
  cache,
  binary,
  say,
}: {
  cache: string
  binary?: string | undefined
  say: Say
}): Promise<string> {
  if (binary !== undefined) return binary
  const onPath = await runCommand('toxiproxy-server', ['-version'], { timeoutMs: 10_000 })
  if (onPath.failed !== 'not-found') return 'toxiproxy-server'
  const folder = await provisionOnce({
    folder: join(cache, `toxiproxy-${VERSION}`),
    needBytes: NEED_BYTES,
    what: `Toxiproxy ${VERSION}`,
    say,
    build: async (empty) => {
      say(`toxiproxy: building ${VERSION} with Go (once)`)
      const args = [`GOBIN=${empty}`, 'go', 'install', MODULE]
      const { failed, stderr } = await runCommand('env', args, { timeoutMs: BUILD_TIMEOUT_MS })
      if (failed !== undefined)
        throw new Missing(
          `Toxiproxy ${VERSION} could not be built with Go (${stderr.trim().split('\n').at(-1) || failed}): install Go, or set TOXIPROXY_BIN.`,
        )
    },
  })
  return join(folder, 'server')
}

/** What a link suffers: `ms` of delay, `kBps` of width, resets after `ms`, or a cut. */
export type Toxic =
  | { kind: 'latency'; ms: number }
  | { kind: 'bandwidth'; kBps: number }
  | { kind: 'reset'; ms: number }
  | { kind: 'cut' }

export type Toxics = {
  links(): Promise<string[]>
  /** Makes the link worse until the function that it gives is called. */
  worsen(link: string, toxic: Toxic): Promise<() => Promise<void>>
  /** Every link as it should be. */
  reset(): Promise<void>
}

export type Toxiproxy = Toxics & {
  /** Makes the port of `link` that leads to `port`; several may have one name, and suffer together. */
  through(link: string, port: number): Promise<number>
  stop(): Promise<void>
}

/** Starts the program, which ends with the stack. */
export async function startToxiproxy({
  binary,
  pickPort,
  logFolder,
  reaper,
}: {
  binary: string
  pickPort: PortPicker
  logFolder: string
  reaper: Reaper
}): Promise<Toxiproxy> {
  const port = await pickPort()
  const child: Child = await startChild({
    name: 'toxiproxy',
    file: binary,
    args: ['-host', HOST, '-port', `${port}`],
    cwd: logFolder,
    logFile: join(logFolder, 'toxiproxy.log'),
    reaper,
  })
  const ask = askAt(`http://${HOST}:${port}`)
  try {
    await waitUntil('toxiproxy to serve', async () => Proxies.safeParse(await ask('GET', '/proxies')).success, {
      timeoutMs: SERVE_TIMEOUT_MS,
    })
  } catch (error) {
    await child.stop(0)
    throw error
  }

  const counts = new Map<string, number>()
  return {
    ...(await toxicsBehind(ask)),
    through: async (link, upstream) => {
      const listen = await pickPort()
      const number = (counts.get(link) ?? 0) + 1
      counts.set(link, number)
      const name = `${link}-${number}`
      await ask('POST', '/proxies', { name, listen: `${HOST}:${listen}`, upstream: `${HOST}:${upstream}` })
      return listen
    },
    stop: () => child.stop(2_000),
  }
}

type Ask = (method: string, path: string, body?: unknown) => Promise<unknown>

const askAt =
  (url: string): Ask =>
  async (method, path, body) => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`toxiproxy: ${method} ${path} answered ${response.status}: ${text}`)
    return text === '' ? null : JSON.parse(text)
  }

const Proxies = z.record(z.string(), z.object({ name: z.string() }))

/** The links of a Toxiproxy that serves at `url`, as its configuration has them; undefined where none answers. */
export async function toxicsAt(url: string): Promise<Toxics | undefined> {
  try {
    return await toxicsBehind(askAt(url))
  } catch {
    return undefined // Nobody there: the links are as they are.
  }
}

/** A proxy is named after its link and a number: `drones-2` is the second of `drones`. */
async function toxicsBehind(ask: Ask): Promise<Toxics> {
  const proxiesOf = async () => Map.groupBy(Object.keys(Proxies.parse(await ask('GET', '/proxies'))), linkOf)
  await proxiesOf()
  return {
    links: async () => [...(await proxiesOf()).keys()].toSorted(),
    worsen: async (link, toxic) => {
      const found = await proxiesOf()
      const own = found.get(link)
      if (own === undefined) throw new RangeError(`there is no link ${link}: ${[...found.keys()].join(', ')}`)
      const mends: (() => Promise<unknown>)[] = []
      for (const proxy of own) mends.push(await inflict(ask, proxy, toxic))
      return async () => {
        for (const mend of mends) await mend()
      }
    },
    reset: async () => void (await ask('POST', '/reset')),
  }
}

const linkOf = (proxy: string) => proxy.replace(/-\d+$/, '')

async function inflict(ask: Ask, proxy: string, toxic: Toxic): Promise<() => Promise<unknown>> {
  if (toxic.kind === 'cut') {
    await ask('POST', `/proxies/${proxy}`, { enabled: false })
    return () => ask('POST', `/proxies/${proxy}`, { enabled: true })
  }
  const { type, attributes } = wordsOf(toxic)
  // Both ways: an answer suffers as a question does.
  for (const stream of ['upstream', 'downstream']) {
    await ask('POST', `/proxies/${proxy}/toxics`, { name: `${type}-${stream}`, type, stream, attributes })
  }
  return async () => {
    for (const stream of ['upstream', 'downstream']) await ask('DELETE', `/proxies/${proxy}/toxics/${type}-${stream}`)
  }
}

function wordsOf(toxic: Exclude<Toxic, { kind: 'cut' }>): { type: string; attributes: Record<string, number> } {
  switch (toxic.kind) {
    case 'latency':
      return { type: 'latency', attributes: { latency: toxic.ms, jitter: Math.round(toxic.ms / 4) } }
    case 'bandwidth':
      return { type: 'bandwidth', attributes: { rate: toxic.kBps } }
    case 'reset':
      return { type: 'reset_peer', attributes: { timeout: toxic.ms } }
  }
}
