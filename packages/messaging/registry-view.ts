/**
 * The drone registry as this process has read it: the compacted topic from its beginning, in memory, one entry a drone.
 * Whoever judges a drone's message asks it; `catchUp` makes sure that it has read what stood in the topic just now.
 */
import { randomUUID } from 'node:crypto'
import type { DroneRegistryMessage, RegistryEntry } from '@fleet/contracts/drone-registry'
import { topics } from '@fleet/contracts/topics'
import type { Consumer, Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import { decode } from './decode.ts'
import { connectOrLeave, consumerDefaults } from './kafka.ts'

export type RegisteredDrone = RegistryEntry & {
  /** The broker's append time of the revocation, or null. What was appended before it is still accepted. */
  revokedAppendedAtMs: number | null
}

export type RegistryView = {
  get(droneId: string): RegisteredDrone | undefined
  /** Waits until everything that stands in the topic now has been read. @throws after `catchUpMsMax`. */
  catchUp(): Promise<void>
  /** What is wrong, in words, for readiness: a view that no longer reads would go on trusting revoked drones. */
  problem(): string | null
  close(): Promise<void>
}

const catchUpMsMax = 10_000
const restartMs = 1_000
const types = new Set<DroneRegistryMessage['type']>(['drone.enrolled', 'drone.revoked'])

/** Reads `drone.registry`; resolves once its present end is reached. `topic` is another one only in tests. */
export async function startRegistryView({
  kafka,
  name,
  log,
  topic = topics.droneRegistry.name,
}: {
  kafka: Kafka
  name: string
  log: Logger
  topic?: string
}): Promise<RegistryView> {
  const drones = new Map<string, RegisteredDrone & { seq: number }>()
  const read = new Map<number, number>()
  const waiting = new Set<() => void>()
  const admin = kafka.admin()
  let consumer: Consumer | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false
  let failure: string | null = null

  /** A relay that woke late repeats old entries after newer ones: without `seq` a revoked drone would be back. */
  const take = (value: Buffer | null, appendedAtMs: number) => {
    const decoded = decode(topics.droneRegistry, types, value)
    if (decoded.kind === 'broken') throw new Error(`a registry message cannot be read: ${decoded.why}`)
    if (decoded.kind === 'unknown') return
    const { type, seq, data } = decoded.message
    if (seq <= (drones.get(data.droneId)?.seq ?? 0)) return
    const revokedAppendedAtMs = type === 'drone.revoked' ? appendedAtMs : null
    drones.set(data.droneId, { ...data, seq, revokedAppendedAtMs })
  }

  const start = async () => {
    try {
      await consumer?.disconnect()
      const fresh = kafka.consumer({
        ...consumerDefaults,
        groupId: `${name}.registry.${randomUUID()}`,
        allowAutoTopicCreation: false,
      })
      consumer = fresh
      fresh.on(fresh.events.CRASH, ({ payload }) => stopped(payload.error))
      fresh.on(fresh.events.GROUP_JOIN, () => {
        if (read.size === 0) failure = null
      })
      // Comes for batches of holes too, which the handler never sees.
      fresh.on(fresh.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
        read.set(partition, Math.max(read.get(partition) ?? 0, Number(lastOffset) + 1))
        for (const check of waiting) check()
      })
      await fresh.connect()
      await fresh.subscribe({ topics: [topic], fromBeginning: true })
      await fresh.run({
        autoCommit: false,
        eachBatch: async ({ batch }) => {
          for (const { value, timestamp } of batch.messages) take(value, Number(timestamp))
          failure = null
        },
      })
    } catch (error) {
      stopped(error)
    }
  }

  const stopped = (error: unknown) => {
    if (closed) return
    failure = `the drone registry is not read: ${error instanceof Error ? error.message : String(error)}`
    log.error({ err: error }, 'registry view stopped, starts again')
    clearTimeout(timer)
    timer = setTimeout(() => void start(), restartMs)
  }

  const catchUp = async () => {
    const ends = await admin.fetchTopicOffsets(topic)
    const reached = () =>
      ends.every(
        ({ partition, low, high }) => Number(high) === Number(low) || (read.get(partition) ?? 0) >= Number(high),
      )
    if (reached()) return
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => {
        waiting.delete(check)
        reject(new Error(failure ?? `the drone registry was not read to its end within ${catchUpMsMax} ms`))
      }, catchUpMsMax)
      const check = () => {
        if (!reached()) return
        clearTimeout(limit)
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
    })
  }

  const close = async () => {
    closed = true
    clearTimeout(timer)
    await consumer?.disconnect()
    await admin.disconnect()
  }

  await connectOrLeave(admin)
  await start()
  try {
    await catchUp()
  } catch (error) {
    await close()
    throw error
  }
  return { get: (droneId) => drones.get(droneId), catchUp, problem: () => failure, close }
}
