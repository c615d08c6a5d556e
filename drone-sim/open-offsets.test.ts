import { describe, expect, it } from '@jest/globals'
import { createOpenOffsets } from './open-offsets.ts'

describe('open offsets', () => {
  it('let everything be committed that was heard at once', async () => {
    const open = createOpenOffsets()

    expect(await open.add('itineraries/0', 5n, Promise.resolve())).toBe(true)
    expect(open.upTo('itineraries/0', 6n)).toBe(6n)
  })

  it('hold back what comes after a message that a dark drone has not heard, and nobody who comes after it', async () => {
    const open = createOpenOffsets()
    const dark = Promise.withResolvers<void>()

    expect(await open.add('itineraries/0', 5n, dark.promise)).toBe(false)
    expect(await open.add('itineraries/0', 6n, Promise.resolve())).toBe(true)
    expect([open.upTo('itineraries/0', 7n), open.upTo('itineraries/1', 7n)]).toEqual([5n, 7n])

    dark.resolve()
    await dark.promise
    await open.add('itineraries/0', 7n, Promise.resolve())
    expect(open.upTo('itineraries/0', 8n)).toBe(8n)
  })

  it('refuse what cannot even wait', async () => {
    const full = Promise.reject(new RangeError('its inbox is full'))

    await expect(createOpenOffsets().add('itineraries/0', 5n, full)).rejects.toThrow('full')
  })
})
