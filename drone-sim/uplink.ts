/**
 * From the drones to the brokers: reports in order and as long as it takes, positions stored and forwarded. Each message is
 * signed with its drone's key. One request of each kind is in flight; what was not acknowledged goes again, so that a copy may
 * arrive twice (consumers drop it by its sequence) but nothing overtakes.
 */
import { setTimeout } from 'node:timers/promises'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { DroneReport } from '@fleet/contracts/drone-reports'
import type { DroneId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { keyVersionHeader, type MacKey, macHeader, macHexOf, macKeyOf } from '@fleet/messaging/drone-mac'
import { startLoop } from '@fleet/messaging/loop'
import { connectSender, type Sender } from '@fleet/messaging/sender'
import type { Log } from '@fleet/runtime/log'
import type { Kafka, Message } from 'kafkajs'
import { Counter, Gauge } from 'prom-client'
import type { PositionQueues } from './position-queues.ts'

const sent = new Counter({ name: 'sim_positions_sent_total', help: 'Positions that brokers acknowledged.' })
const queued = new Gauge({
  name: 'sim_positions_queued',
  help: 'Positions that wait for the link. A rise means that brokers are out of reach or slow.',
})
const dropped = new Counter({
  name: 'sim_positions_dropped_total',
  help: 'Oldest positions given up because the link was down for longer than the queues hold. Any rise is a loss.',
})
const reportsPending = new Gauge({
  name: 'sim_reports_pending',
  help: 'Reports that no broker has accepted. A rise means that brokers are out of reach or slow.',
})

const positionsMaxPerRequest = 2_000
/** Half a partition's largest batch, if all were of one partition. */
const reportsMaxPerRequest = 500
const reportsMaxPerDrone = 50
/** How long a stopping process tries to send what waits. Reports stay in the stores; positions are lost, and counted as missing. */
const closeMsMax = 4_000
/** Real milliseconds between requests. Reports go at once; theirs is for what failed. */
const positionsEveryMs = 200
const reportsEveryMs = 1_000

/** A drone's key as it signs with it, by topic. */
export type Signer = { keyVersion: string; keys: ReadonlyMap<string, MacKey> }

const signedTopics = [topics.droneReports.name, topics.dronePositions.name]

/** Made once: what goes before the value, and before the inner hash, is the same for every message of a topic. */
export const signerOf = (
  droneId: DroneId,
  of: { key: Buffer; keyVersion: number; topics?: readonly string[] },
): Signer => ({
  keyVersion: String(of.keyVersion),
  keys: new Map((of.topics ?? signedTopics).map((topic) => [topic, macKeyOf(of.key, { topic, key: droneId })])),
})

export type UplinkOptions = {
  kafka: Kafka
  log: Log
  signers: ReadonlyMap<DroneId, Signer>
  positions: PositionQueues
  pendingReports(max: number): DroneReport[]
  reportsAccepted(droneId: DroneId, seqMax: number): void
  /** Whether the drone's link is down, so that its positions wait. */
  isMute(droneId: DroneId): boolean
  /** The bytes of a position as the drone signs them: a defective one garbles them. */
  bytesOf(position: DronePosition): Buffer
}

export type Uplink = {
  /** A report waits: send soon. */
  wake(): void
  /** The positions of a moment are all queued: send, but no more often than ever. */
  positionsQueued(): void
  /** What keeps messages from the brokers, or null. */
  problem(): string | null
  /** Sends what it can in one more try of each kind, and leaves. */
  close(): Promise<void>
}

export function startUplink(options: UplinkOptions): Uplink {
  const { kafka, log, signers, positions, isMute, bytesOf, ...reports } = options
  const reportSender = createSender(kafka)
  const positionSender = createSender(kafka)
  const signed = (topic: string, droneId: DroneId, bytes: Buffer): Message => {
    const signer = signers.get(droneId)
    if (signer === undefined) throw new RangeError(`no key for ${droneId}`)
    return sign(topic, droneId, bytes, signer)
  }

  const sendReports = async () => {
    const { name } = topics.droneReports
    for (;;) {
      const pending = reports.pendingReports(reportsMaxPerDrone)
      const batch = pending.slice(0, reportsMaxPerRequest)
      reportsPending.set(pending.length)
      if (batch.length === 0) return
      await reportSender.send(
        name,
        batch.map((report) => signed(name, report.data.droneId, Buffer.from(JSON.stringify(report)))),
      )
      const seqMax = new Map(batch.map(({ seq, data }) => [data.droneId, seq]))
      for (const [droneId, seq] of seqMax) reports.reportsAccepted(droneId, seq)
    }
  }
  let sentAtMs = Number.NEGATIVE_INFINITY
  const sendPositions = async () => {
    const { name } = topics.dronePositions
    sentAtMs = performance.now()
    for (;;) {
      queued.set(positions.size())
      dropped.inc(positions.takeDropCount())
      const batch = positions.oldest(positionsMaxPerRequest, isMute)
      if (batch.length === 0) return
      await positionSender.send(
        name,
        batch.map((position) => signed(name, position.droneId, bytesOf(position))),
      )
      positions.remove(batch)
      sent.inc(batch.length)
      // More than the next ticks bring: a backlog, which need not wait for the timer.
      if (positions.size() <= 2 * signers.size) return
    }
  }

  const reportLoop = startLoop('reports', reportsEveryMs, log, sendReports)
  const positionLoop = startLoop('positions', positionsEveryMs, log, sendPositions)
  return {
    wake: reportLoop.wake,
    positionsQueued: () => {
      if (performance.now() - sentAtMs >= positionsEveryMs) positionLoop.wake()
    },
    problem: () => reportSender.problem() ?? positionSender.problem(),
    close: async () => {
      const lastTry = async () => {
        await Promise.all([reportLoop.close(), positionLoop.close()])
        await Promise.allSettled([sendReports(), sendPositions()])
      }
      await Promise.race([lastTry(), setTimeout(closeMsMax, undefined, { ref: false })])
      await Promise.allSettled([reportSender.close(), positionSender.close()])
    },
  }
}

/** A Kafka message of a drone: keyed by the drone, its MAC and key version beside the bytes. */
export function sign(topic: string, droneId: DroneId, value: Buffer, { keys, keyVersion }: Signer): Message {
  const key = keys.get(topic)
  if (key === undefined) throw new RangeError(`no drone signs for ${topic}`)
  return { key: droneId, value, headers: { [macHeader]: macHexOf(key, value), [keyVersionHeader]: keyVersion } }
}

/** A producer that is made anew after a failure, since what its connections still hold is unknown. */
function createSender(kafka: Kafka) {
  let producer: Sender | undefined
  let failure: string | null = 'not connected yet'
  return {
    problem: () => failure,
    send: async (topic: string, messages: Message[]) => {
      try {
        if (producer === undefined) {
          // Soon made anew rather than tried again: each try waits longer, while a leader may be there at any moment.
          producer = await connectSender(kafka, { retry: { retries: 1 } })
        }
        await producer.send([{ topic, messages }])
        failure = null
      } catch (error) {
        failure = `${topic} does not reach the brokers: ${error instanceof Error ? error.message : String(error)}`
        const failed = producer
        producer = undefined
        await failed?.disconnect()
        throw error
      }
    },
    close: async () => producer?.disconnect(),
  }
}
