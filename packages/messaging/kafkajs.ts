/// <reference path="./kafkajs-request-queue.d.ts" />
/**
 * kafkajs, without its idle loop. On every connection that has answered once, kafkajs 2.2.4 asks itself each millisecond whether
 * a request is held back by throttling (kafkajs issue 1704): a thousand wake-ups a second in a process that does nothing, and a
 * warning of Node's about a negative time-out. Here it looks only while one is held back.
 */
import { Kafka } from 'kafkajs'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'

const lookLater = RequestQueue.prototype.scheduleCheckPendingRequests

RequestQueue.prototype.scheduleCheckPendingRequests = function () {
  if (this.pending.length > 0) lookLater.call(this)
}

export { Kafka }
