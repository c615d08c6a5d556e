/// <reference path="./kafkajs-inside.d.ts" />
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import kafkajs from 'kafkajs/src/protocol/requests/fetch/v11/response.js'
import { decodeFetchAnswer, headersMax } from './fetch-answer.ts'
import { type BatchFields, fetchAnswerBytes, type RecordFields, recordBytes } from './testing/fetch-bytes.ts'

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array))
const value = fc.option(bytes, { freq: 8 })
/** kafkajs takes a name that every object has for one that came before. */
const ownName = fc.oneof(fc.constantFrom('mac', 'key-version', 'mäc'), fc.string()).filter((name) => !(name in {}))
const timeMs = fc.oneof(fc.constantFrom(-1n, 0n, 1_780_000_000_000n), fc.bigInt(-(2n ** 50n), 2n ** 50n))

const record: fc.Arbitrary<RecordFields> = fc.record({
  timestampDelta: fc.oneof(fc.constantFrom(-65n, -64n, 0n, 63n, 64n), fc.bigInt(-(2n ** 50n), 2n ** 50n)),
  offsetDelta: fc.oneof(fc.nat(70), fc.nat(2 ** 31 - 1)),
  key: value,
  value,
  headers: fc.array(fc.tuple(ownName, value), { maxLength: 12 }),
})

/** Time of the producer or of the broker; within a transaction or not; what was written, or a mark of the broker's. */
const attributes = fc.constantFrom(0, 8, 16, 24, 48, 56)

const batch: fc.Arbitrary<BatchFields> = fc
  .record({
    firstOffset: fc.bigInt(0n, 2n ** 52n),
    attributes,
    firstTimestamp: timeMs,
    maxTimestamp: timeMs,
    producerId: fc.bigInt(-1n, 2n ** 63n - 1n),
    producerEpoch: fc.integer({ min: -1, max: 2 ** 15 - 1 }),
    records: fc.array(record, { maxLength: 5 }),
  })
  .map(({ records, ...head }) => ({ ...head, count: records.length, records: Buffer.concat(records.map(recordBytes)) }))

const partition = fc.record({
  partition: fc.nat(),
  errorCode: fc.constantFrom(-1, 0, 1, 6),
  highWatermark: fc.bigInt(-1n, 2n ** 63n - 1n),
  aborted: fc.array(fc.tuple(fc.bigInt(0n, 2n ** 40n), fc.bigInt(0n, 2n ** 40n)), { maxLength: 2 }),
  batches: fc.array(batch, { maxLength: 3 }),
  cut: fc.oneof(fc.constant(0), fc.nat(120)),
})

const answer = fc
  .array(fc.record({ name: fc.string({ maxLength: 20 }), partitions: fc.array(partition, { maxLength: 3 }) }), {
    maxLength: 2,
  })
  .map(fetchAnswerBytes)

const oneRecord: RecordFields = { timestampDelta: 0n, offsetDelta: 0, key: null, value: null, headers: [] }
const answerOf = (records: Buffer, changed: Partial<BatchFields> = {}) => {
  const head = { firstOffset: 0n, attributes: 0, firstTimestamp: 0n, maxTimestamp: 0n, producerId: -1n }
  const batches = [{ ...head, producerEpoch: -1, count: 1, records, ...changed }]
  return fetchAnswerBytes([
    { name: 't', partitions: [{ partition: 0, errorCode: 0, highWatermark: 1n, aborted: [], batches, cut: 0 }] },
  ])
}
const messagesIn = (answer: Buffer) => decodeFetchAnswer(answer).responses[0]?.partitions[0]?.messages ?? []

describe('the quick reading of an answer to a fetch', () => {
  it('gives what kafkajs gives, whatever the records are and wherever the broker cut them off', async () => {
    let records = 0
    await fc.assert(
      fc.asyncProperty(answer, async (given) => {
        const read = decodeFetchAnswer(given)
        records += read.responses.flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages)).length
        expect(read).toEqual(await kafkajs.decode(given))
      }),
      { numRuns: 500, seed: 8 },
    )
    expect(records).toBeGreaterThan(500)
  })

  it.each(['__proto__', 'toString', 'constructor'])('takes %s for a header like any other', (name) => {
    const headers = [[name, Buffer.from('1')] as const, ['mac', Buffer.from('2')] as const]
    const [message] = messagesIn(answerOf(recordBytes({ ...oneRecord, headers })))
    expect(Object.entries(message?.headers ?? {})).toEqual(headers)
    const [twice] = messagesIn(answerOf(recordBytes({ ...oneRecord, headers: [...headers, ...headers] })))
    expect(Object.entries(twice?.headers ?? {})).toEqual(headers.map(([key, bytes]) => [key, [bytes, bytes]]))
  })

  it.each([
    ['of one name', () => ''],
    ['of as many names', String],
  ])("reads the first of a record's headers %s, and the record after it", (_, nameAt: (index: number) => string) => {
    const headers = Array.from({ length: 200_000 }, (_, i) => [nameAt(i), null] as const)
    const records = [headers, []].map((own, offsetDelta) => recordBytes({ ...oneRecord, offsetDelta, headers: own }))
    const [flooded, next] = messagesIn(answerOf(Buffer.concat(records), { count: 2 }))

    expect(Object.values(flooded?.headers ?? {}).flat().length).toBe(headersMax)
    expect(next).toMatchObject({ offset: '1', headers: {} })
  })

  it.each([1, 2, 3, 4])('leaves records that are compressed, by codec %d, to kafkajs', (attributes) => {
    expect(() => messagesIn(answerOf(recordBytes(oneRecord), { attributes }))).toThrow('compressed')
  })

  it('throws at an answer that is cut off, or says more than it holds', () => {
    const whole = answerOf(recordBytes({ ...oneRecord, key: Buffer.from('k'), headers: [['mac', Buffer.from('1')]] }))
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeFetchAnswer(whole.subarray(0, length))).toThrow()
    }
    const tooLong = recordBytes(oneRecord).fill(100, 0, 1)
    expect(() => decodeFetchAnswer(answerOf(tooLong))).toThrow()
    expect(() => decodeFetchAnswer(answerOf(recordBytes(oneRecord), { count: 2 }))).toThrow()
  })

  it('throws at numbers that it would not give exactly', () => {
    expect(() => decodeFetchAnswer(answerOf(recordBytes(oneRecord), { firstOffset: 2n ** 53n }))).toThrow('safe')
    expect(() => decodeFetchAnswer(answerOf(recordBytes({ ...oneRecord, timestampDelta: 2n ** 60n })))).toThrow('safe')
  })
})
