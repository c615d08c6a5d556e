/** Samples what the stack's parts use while a load runs, each second: processor, event loops, and how quickly database and brokers answer. */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { withAdmin } from '@fleet/local/kafka-admin'
import { readStackInfo } from '@fleet/local/stack-info'
import { startLoop } from '@fleet/messaging/loop'
import { silentLog } from '@fleet/runtime/log'
import { MongoClient } from 'mongodb'
import type { Figures, PartFigures } from './saturation.ts'

const everyMs = 1_000
/** Linux counts a process's time in these. */
const ticksPerS = 100
const samplesMax = 7_200
const requestMsMax = 2_000

/** `handedOver`: parcels until then, since the itinerary service started; null where it did not say. */
export type Sample = Figures & { atS: number; handedOver: number | null }
export type Watch = { samples: Sample[]; close(): Promise<void> }

/** Linux alone tells a process's time this way; elsewhere there are no samples. */
export const missingFigures = (): string | null =>
  process.platform === 'linux' ? null : 'processor figures are read from /proc, which Linux alone has'

/** Watches the stack in `folder`. `nowMs`: real time. */
export async function startWatch(folder: string, nowMs: () => number): Promise<Watch> {
  const { mongo, kafka } = readStackInfo(folder)
  const client = await new MongoClient(mongo, { serverSelectionTimeoutMS: requestMsMax }).connect()
  const samples: Sample[] = []
  let before = new Map<string, number>()
  let machineBefore = machineTicks()
  let atMsBefore = nowMs()

  const look = async () => {
    const { parts, services, gateway } = readStackInfo(folder)
    const urls: Record<string, string | undefined> = { ...services, 'drone-health': services.droneHealth, gateway }
    const [databaseMs, brokerMs] = await Promise.all([
      tookMs(() => client.db('admin').command({ ping: 1 })),
      tookMs(() => withAdmin(kafka.internal.split(','), (admin) => admin.fetchTopicMetadata({ topics: ['orders'] }))),
    ])
    const atMs = nowMs()
    const machine = machineTicks()
    const ticks = new Map<string, number>()
    const figures: Record<string, PartFigures> = {}
    let handedOver: number | null = null
    for (const [name, part] of Object.entries(parts)) {
      if (!('pid' in part)) continue
      const now = processTicks(part.pid)
      const then = before.get(name)
      if (now === undefined) continue
      ticks.set(name, now)
      const url = urls[name]
      const told = url === undefined ? null : await metricsOf(url)
      const loopDelayMs = told === null ? null : loopDelayIn(told)
      if (name === 'itinerary' && told) handedOver = handedOverIn(told)
      if (then !== undefined)
        figures[name] = { cores: ((now - then) / ticksPerS / (atMs - atMsBefore)) * 1_000, loopDelayMs }
    }
    const all = machine.all - machineBefore.all
    const machineBusy = all === 0 ? 0 : 1 - (machine.idle - machineBefore.idle) / all
    if (before.size > 0 && samples.length < samplesMax)
      samples.push({ atS: Math.floor(atMs / 1_000), machineBusy, parts: figures, databaseMs, brokerMs, handedOver })
    before = ticks
    machineBefore = machine
    atMsBefore = atMs
  }
  const loop = startLoop('watch', everyMs, silentLog(), look)
  return {
    samples,
    close: async () => {
      await loop.close()
      await client.close()
    },
  }
}

/** The mean of `samples`, part by part; null of none. */
export function meanOf(samples: readonly Sample[]): Figures | null {
  if (samples.length === 0) return null
  const mean = (of: (sample: Sample) => number) => samples.reduce((sum, one) => sum + of(one), 0) / samples.length
  const names = new Set(samples.flatMap(({ parts }) => Object.keys(parts)))
  const part = (name: string): PartFigures => ({
    cores: mean(({ parts }) => parts[name]?.cores ?? 0),
    loopDelayMs: samples.some(({ parts }) => parts[name]?.loopDelayMs != null)
      ? Math.max(...samples.map(({ parts }) => parts[name]?.loopDelayMs ?? 0))
      : null,
  })
  return {
    machineBusy: mean(({ machineBusy }) => machineBusy),
    parts: Object.fromEntries([...names].map((name) => [name, part(name)])),
    databaseMs: mean(({ databaseMs }) => databaseMs),
    brokerMs: mean(({ brokerMs }) => brokerMs),
  }
}

/** Parcels handed over a second, from `fromS` until `untilS`; null where too little is known. */
export function handedOverPerS(samples: readonly Sample[], fromS: number, untilS: number): number | null {
  const known = samples.flatMap(({ atS, handedOver }) =>
    handedOver !== null && atS >= fromS && atS <= untilS ? [{ atS, handedOver }] : [],
  )
  const [first, last] = [known[0], known.at(-1)]
  if (first === undefined || last === undefined || last.atS === first.atS) return null
  return (last.handedOver - first.handedOver) / (last.atS - first.atS)
}

async function tookMs(act: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  try {
    await act()
  } catch {
    return requestMsMax // It did not answer in time, which is what is to be told.
  }
  return performance.now() - startedMs
}

/** What a part says of itself; undefined where it does not answer in time. */
async function metricsOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(requestMsMax) })
    return await response.text()
  } catch {
    return undefined
  }
}

function loopDelayIn(metrics: string | undefined): number | null {
  if (metrics === undefined) return requestMsMax
  const seconds = /^nodejs_eventloop_lag_p99_seconds(?:\{[^}]*\})? (\S+)/m.exec(metrics)?.[1]
  return seconds === undefined ? null : Number(seconds) * 1_000
}

/** A counter that nothing was counted of is not there yet. */
const handedOverIn = (metrics: string): number =>
  Number(/^delivery_events_total\{type="delivery\.handed-over"\} (\d+)/m.exec(metrics)?.[1] ?? 0)

/** User and system time, in ticks; undefined where it has ended. */
function processTicks(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return Number(fields[11]) + Number(fields[12])
  } catch {
    return undefined
  }
}

function machineTicks(): { all: number; idle: number } {
  const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const fields = first.split(/\s+/).slice(1, 9).map(Number)
  return { all: fields.reduce((sum, one) => sum + one, 0), idle: (fields[3] ?? 0) + (fields[4] ?? 0) }
}

/** Cores that this machine has. */
export const cores = availableParallelism()
