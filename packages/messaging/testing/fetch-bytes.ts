/// <reference path="../kafkajs-inside.d.ts" />
/** A broker's answer to a fetch (version 11), as bytes. */
import Encoder from 'kafkajs/src/protocol/encoder.js'

export type RecordFields = {
  timestampDelta: bigint
  offsetDelta: number
  key: Buffer | null
  value: Buffer | null
  headers: readonly (readonly [name: string, value: Buffer | null])[]
}

export type BatchFields = {
  firstOffset: bigint
  attributes: number
  firstTimestamp: bigint
  maxTimestamp: bigint
  producerId: bigint
  producerEpoch: number
  count: number
  /** The records one after the other, or what they were compressed to. */
  records: Buffer
}

export type PartitionFields = {
  partition: number
  errorCode: number
  highWatermark: bigint
  aborted: readonly (readonly [producerId: bigint, firstOffset: bigint])[]
  batches: readonly BatchFields[]
  /** So many bytes are missing at the end of the batches. */
  cut: number
}

export function recordBytes({ timestampDelta, offsetDelta, key, value, headers }: RecordFields): Buffer {
  const body = new Encoder().writeInt8(0).writeVarLong(timestampDelta).writeVarInt(offsetDelta)
  body.writeVarIntBytes(key).writeVarIntBytes(value).writeVarInt(headers.length)
  for (const [name, bytes] of headers) body.writeVarIntString(name).writeVarIntBytes(bytes)
  return new Encoder().writeVarIntBytes(body.buffer).buffer
}

function batchBytes(batch: BatchFields): Buffer {
  const body = new Encoder().writeInt32(3).writeInt8(2).writeInt32(0).writeInt16(batch.attributes)
  body.writeInt32(batch.count).writeInt64(batch.firstTimestamp).writeInt64(batch.maxTimestamp)
  body.writeInt64(batch.producerId).writeInt16(batch.producerEpoch).writeInt32(7)
  body.writeInt32(batch.count).writeBuffer(batch.records)
  return new Encoder().writeInt64(batch.firstOffset).writeBytes(body.buffer).buffer
}

function partitionBytes({ partition, errorCode, highWatermark, aborted, batches, cut }: PartitionFields): Buffer {
  const head = new Encoder().writeInt32(partition).writeInt16(errorCode).writeInt64(highWatermark)
  head
    .writeInt64(highWatermark)
    .writeInt64(0n)
    .writeInt32(aborted.length === 0 ? -1 : aborted.length)
  for (const [producerId, firstOffset] of aborted) head.writeInt64(producerId).writeInt64(firstOffset)
  const records = Buffer.concat(batches.map(batchBytes))
  // A broker sends no fewer: kafkajs looks for the format in the seventeenth.
  const left = Math.min(records.length, Math.max(17, records.length - cut))
  return head.writeInt32(-1).writeBytes(records.subarray(0, left)).buffer
}

export function fetchAnswerBytes(topics: readonly { name: string; partitions: readonly PartitionFields[] }[]): Buffer {
  const answer = new Encoder().writeInt32(0).writeInt16(0).writeInt32(5).writeInt32(topics.length)
  for (const { name, partitions } of topics) {
    answer.writeString(name).writeInt32(partitions.length)
    for (const partition of partitions) answer.writeBuffer(partitionBytes(partition))
  }
  return answer.buffer
}
