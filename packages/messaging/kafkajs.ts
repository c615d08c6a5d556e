/// <reference path="./kafkajs-inside.d.ts" />
/**
 * kafkajs 2.2.4, changed in two places that it does not export.
 *
 * Without its idle loop: on every connection that has answered once, kafkajs asks itself each millisecond whether a request is
 * held back by throttling (kafkajs issue 1704): a thousand wake-ups a second in a process that does nothing, and a warning of
 * Node's about a negative time-out. Here it looks only while one is held back.
 *
 * With a quick reading of what it fetches: `fetch-answer.ts`.
 */
import { Kafka } from 'kafkajs'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
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

export { Kafka }
