/** How smoothly a page draws: the time between its frames, and how much of it its own scripts took. */
import type { Page } from 'playwright-core'
import { z } from 'zod'

const Measured = z.object({ gaps: z.array(z.number()), work: z.array(z.number()) })

export type FrameTimes = { medianMs: number; p95Ms: number; drawnMedianMs: number; told: string }

/** Runs in the page. The map's own work is measured between a callback before it and one after it in each frame. */
const measure = (forMs: number) => `new Promise((resolve) => {
  const gaps = [], work = []
  const startedMs = performance.now()
  let before = startedMs
  const frame = (atMs) => {
    gaps.push(atMs - before)
    before = atMs
    const fromMs = performance.now()
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      work.push(performance.now() - fromMs)
      channel.port1.close()
    }
    channel.port2.postMessage(null)
    if (atMs - startedMs < ${forMs}) requestAnimationFrame(frame)
    else resolve({ gaps: gaps.slice(1), work })
  }
  requestAnimationFrame(frame)
})`

const at = (sorted: number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0

export async function frameTimes(page: Page, forMs: number): Promise<FrameTimes> {
  const { gaps, work } = Measured.parse(await page.evaluate(measure(forMs)))
  const byGap = gaps.toSorted((a, b) => a - b)
  const byWork = work.toSorted((a, b) => a - b)
  const times = { medianMs: at(byGap, 0.5), p95Ms: at(byGap, 0.95), drawnMedianMs: at(byWork, 0.5) }
  const told = `${gaps.length} frames, median ${times.medianMs.toFixed(1)} ms, 95th percentile ${times.p95Ms.toFixed(1)} ms, scripts ${times.drawnMedianMs.toFixed(1)} ms a frame`
  return { ...times, told }
}
