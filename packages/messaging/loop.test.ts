import { describe, expect, it } from '@jest/globals'
import { startLoop } from './loop.ts'
import { silent, until } from './testing/bench.ts'

const hourMs = 3_600_000

describe('a loop', () => {
  it('runs the job at once, and again when it is woken', async () => {
    let runs = 0
    const loop = startLoop('test', hourMs, silent, async () => void runs++)
    await until('the first run', () => runs === 1)

    loop.wake()

    await until('the second run', () => runs === 2)
    await loop.close()
  })

  it('never runs the job twice at once, and runs it once more after any number of wakes', async () => {
    let runs = 0
    let atOnce = 0
    let most = 0
    const gate = Promise.withResolvers<void>()
    const loop = startLoop('test', hourMs, silent, async () => {
      runs++
      most = Math.max(most, ++atOnce)
      await gate.promise
      atOnce--
    })

    for (let wakes = 0; wakes < 5; wakes++) loop.wake()
    gate.resolve()

    await until('the further run', () => runs === 2 && atOnce === 0)
    await loop.close()
    expect({ runs, most }).toEqual({ runs: 2, most: 1 })
  })

  it('rests after a run: what wakes it meanwhile is dealt with together, and a wake after that at once', async () => {
    const runsAtMs: number[] = []
    const restMs = 80
    const job = async () => void runsAtMs.push(performance.now())
    const loop = startLoop('test', hourMs, silent, job, () => restMs)
    await until('the first run', () => runsAtMs.length === 1)

    for (let wakes = 0; wakes < 5; wakes++) loop.wake()
    await until('the run of all wakes', () => runsAtMs.length === 2)
    const [first = 0, second = 0] = runsAtMs
    // Timers count whole milliseconds, by a clock that may be one behind.
    expect(second - first).toBeGreaterThanOrEqual(restMs - 2)

    await until('the end of the rest', () => performance.now() - second > restMs + 5)
    loop.wake()
    expect(runsAtMs).toHaveLength(3)
    await loop.close()
  })

  it('runs again after a failure', async () => {
    let runs = 0
    const loop = startLoop('test', 1, silent, async () => {
      runs++
      if (runs === 1) throw new Error('the first one fails')
    })

    await until('a further run', () => runs > 1)
    await loop.close()
  })

  it('closes only once the job has ended, and does not run it again', async () => {
    const gate = Promise.withResolvers<void>()
    let runs = 0
    let ended = false
    const loop = startLoop('test', 1, silent, async () => {
      runs++
      await gate.promise
      ended = true
    })

    const closed = loop.close().then(() => ended)
    loop.wake()
    gate.resolve()

    expect(await closed).toBe(true)
    expect(runs).toBe(1)
  })
})
