import { Parser } from '@asyncapi/parser'
import { allTopics } from '@fleet/contracts/topics'
import { describe, expect, it } from '@jest/globals'
import { asyncApiDocument } from './asyncapi.ts'

const errors = async (document: unknown) => {
  const { document: parsed, diagnostics } = await new Parser().parse(JSON.stringify(document))
  return { parsed, errors: diagnostics.filter(({ severity }) => severity === 0).map(({ message }) => message) }
}

describe('the document of the messages', () => {
  it('is valid AsyncAPI 3 by its own parser, which knows one that is not', async () => {
    const { parsed, errors: found } = await errors(asyncApiDocument())

    expect(found).toEqual([])
    expect(parsed?.version()).toBe('3.0.0')
    expect((await errors({ ...asyncApiDocument(), channels: { orders: { address: 1 } } })).errors).not.toEqual([])
  })

  it('tells of every topic that the brokers hold, with its partitions and its keeping', () => {
    const channels = Object.values(asyncApiDocument().channels)

    expect(channels).toHaveLength(allTopics.length)
    for (const { name, partitions } of allTopics) {
      expect(channels).toContainEqual(
        expect.objectContaining({
          address: name,
          bindings: { kafka: expect.objectContaining({ topic: name, partitions }) },
        }),
      )
    }
  })

  it('asks for the MAC on what drones write, and on nothing else', () => {
    const { messages } = asyncApiDocument().components
    const signed = Object.entries(messages).filter(([, message]) => JSON.stringify(message).includes('key-version'))

    expect(new Set(signed.map(([name]) => name.split('.')[0]))).toEqual(new Set(['droneReports', 'dronePositions']))
  })
})
