/**
 * Where a service's instances are (decision 0020). Written as `*_URL`, one of:
 * `http://10.0.0.1:8081,http://10.0.0.2:8081`: these;
 * `http://order:8081`: every address of the name, resolved anew (compose and Swarm answer with all instances);
 * `file:/run/order.list`: the URLs in the file, one a line, read anew. The file is replaced whole by whoever adds an instance.
 */
import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Loop, startLoop } from '@fleet/messaging/loop'
import type { Log } from '@fleet/runtime/log'
import { z } from 'zod'

/** Real milliseconds. A name's records live for some seconds; a file is cheap to read. */
const dnsEveryMs = 5_000
const fileEveryMs = 1_000
/** More than this is a fault in the list. */
const instancesMax = 64

const HttpUrl = z.url({ protocol: /^https?$/ })
const Source = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(
    z.union([
      z
        .tuple([z.url({ protocol: /^file$/ })])
        .transform(([url]) => ({ kind: 'file', file: fileURLToPath(url) }) as const),
      z
        .array(HttpUrl)
        .min(1)
        .max(instancesMax)
        .transform((urls) => ({ kind: 'urls', urls }) as const),
    ]),
  )
/** The text of a `*_URL` variable, checked. */
export const ServiceAddress = z
  .string()
  .refine((text) => Source.safeParse(text).success, 'must be http:// URLs or a file: URL')

export type Discovery = {
  /** Base URLs, without a slash at the end. What was known stays known while it cannot be read anew. */
  instances(): readonly string[]
  close(): Promise<void>
}

type Resolve = (host: string) => Promise<string[]>
const everyAddress: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address)

/** Starts finding the instances behind `address`; reads once before it returns where it can. */
export async function startDiscovery({
  name,
  address,
  log,
  resolve = everyAddress,
  everyMs,
}: {
  name: string
  address: string
  log: Log
  resolve?: Resolve
  everyMs?: number
}): Promise<Discovery> {
  const source = Source.parse(address)
  let known: readonly string[] = []
  let loop: Loop | undefined

  const read = async () => {
    const found = source.kind === 'file' ? await readList(source.file) : await resolveAll(source.urls, resolve)
    if (found.length === 0) throw new Error(`${address} names no instance`)
    if (found.join() !== known.join()) log.info({ service: name, instances: found }, 'instances of a service')
    known = found
  }
  try {
    await read()
  } catch (error) {
    log.warn({ service: name, err: error }, 'instances of a service are not known')
  }
  if (source.kind === 'file' || source.urls.some(isName)) {
    loop = startLoop(`instances of ${name}`, everyMs ?? (source.kind === 'file' ? fileEveryMs : dnsEveryMs), log, read)
  }
  return { instances: () => known, close: async () => void (await loop?.close()) }
}

const isName = (url: string) => {
  const host = new URL(url).hostname
  return isIP(host) === 0 && !host.startsWith('[') && host !== 'localhost'
}
const base = (url: URL) => url.toString().replace(/\/+$/, '')

async function readList(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim())
  const urls = z
    .array(HttpUrl)
    .max(instancesMax)
    .parse(lines.filter((line) => line !== '' && !line.startsWith('#')))
  return [...new Set(urls.map((url) => base(new URL(url))))].sort()
}

async function resolveAll(urls: readonly string[], resolve: Resolve): Promise<string[]> {
  const found = await Promise.all(
    urls.map(async (text) => {
      if (!isName(text)) return [base(new URL(text))]
      const addresses = await resolve(new URL(text).hostname)
      return addresses.slice(0, instancesMax).map((address) => {
        const url = new URL(text)
        url.hostname = isIP(address) === 6 ? `[${address}]` : address
        return base(url)
      })
    }),
  )
  return [...new Set(found.flat())].sort()
}
