/// <reference path="./kafkajs-inside.d.ts" />
/**
 * kafkajs 2.2.4, changed in four places that it does not export.
 *
 * Without its idle loop: on every connection that has answered once, kafkajs asks itself each millisecond whether a request is
 * held back by throttling (kafkajs issue 1704): a thousand wake-ups a second in a process that does nothing, and a warning of
 * Node's about a negative time-out. Here it looks only while one is held back.
 *
 * With a quick reading of what it fetches: `fetch-answer.ts`.
 *
 * With a quick writing of small whole numbers, of which each record has ten: kafkajs makes a list, a buffer of the list and a copy
 * of the buffer for each, and the 64-bit ones with several BigInts.
 *
 * With an end: where a broker comes or goes, it waits for all batches in hand, and makes a fetcher for each broker anew. Was it told to
 * stop meanwhile, nobody stops those: each asks for ever and is told in the same moment that there is nothing, so that no timer
 * of the process runs any more, nor the one that would end it. Here the first that asks stops all.
 */
import { Kafka } from 'kafkajs'
import Runner from 'kafkajs/src/consumer/runner.js'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import fetchResponse from 'kafkajs/src/protocol/requests/fetch/v11/response.js'
import { decodeFetchAnswer } from './fetch-answer.ts'

const lookLater = RequestQueue.prototype.scheduleCheckPendingRequests

RequestQueue.prototype.scheduleCheckPendingRequests = function () {
  if (this.pending.length > 0) lookLater.call(this)
}

const decodeAny = fetchResponse.decode

fetchResponse.decode = async (bytes) => {
  try {
    return decodeFetchAnswer(bytes)
  } catch {
    return decodeAny(bytes) // It reads more than we do, and says what is wrong where it cannot.
  }
}

const { writeUVarInt, writeVarLong } = Encoder.prototype
const { sizeOfVarLong } = Encoder

Encoder.prototype.writeUVarInt = function (value) {
  if (value >= 0 && value < 0x80) return this.writeInt8(value)
  // Two bytes, of which the first has its highest bit set, as the number that is written as them.
  if (value >= 0x80 && value < 0x4000) return this.writeInt16((((value & 0x7f) << 8) | (value >>> 7)) - 0x8000)
  return writeUVarInt.call(this, value)
}

/** So small that it is written as a number of 32 bits. */
const isSmall = (value: number | bigint): value is number =>
  typeof value === 'number' && value >= -0x40000000 && value < 0x40000000

Encoder.prototype.writeVarLong = function (value) {
  return isSmall(value) ? this.writeVarInt(value) : writeVarLong.call(this, value)
}
Encoder.sizeOfVarLong = (value) => (isSmall(value) ? Encoder.sizeOfVarInt(value) : sizeOfVarLong.call(Encoder, value))

const { fetch } = Runner.prototype

Runner.prototype.fetch = function (nodeId) {
  if (this.running) return fetch.call(this, nodeId)
  void this.fetchManager.stop()
  return Promise.resolve([])
}

export { Kafka }
