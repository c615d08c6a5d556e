/** `npm run smoothness`: how smoothly the map draws two thousand drones, on a stack of its own. Ends by itself. */
import { waitUntil } from '@fleet/local/wait'
import { findChromium } from './chromium.ts'
import { frameTimes } from './frame-times.ts'
import { createManyDrones } from './many-drones.ts'
import { signIn, startStage } from './stage.ts'

const count = 2_000
const waitMs = 60_000
const measuredMs = 6_000
/** Medians: the work on one frame, and what passes from one to the next where a software renderer shares the processor. */
const drawnMsMax = 33
const betweenMsMax = 100

const executable = findChromium()
if (executable === undefined) {
  console.error('There is no Chromium: install it, or name it by PLAYWRIGHT_CHROMIUM.')
  process.exit(1)
}
await using stage = await startStage(executable, { drones: 3, worldSpeed: 10, say: console.error }, Date.now)
const page = await stage.open('/services')
await signIn(page, stage.accounts.operator)
await page.getByText(/^Live/).waitFor()

const startedMs = performance.now()
await using drones = await createManyDrones(stage.stack.info, { count, worldNowMs: Date.now })
let saidS = -1
/** A position a second of each. */
async function report(): Promise<void> {
  const nowS = Math.floor((performance.now() - startedMs) / 1_000)
  if (nowS <= saidS) return
  saidS = nowS
  await drones.report(saidS)
}
await waitUntil(
  'all of them on the map',
  async () => {
    await report()
    const shown = await page.getByLabel('Drones on the map, by health').textContent()
    return Number(/Healthy\D*(\d+)/.exec(shown ?? '')?.[1]) >= count || undefined
  },
  { timeoutMs: waitMs },
)

const measuring = frameTimes(page, measuredMs)
const untilMs = performance.now() + measuredMs
await waitUntil(
  'the measurement',
  async () => {
    await report()
    return performance.now() > untilMs || undefined
  },
  { timeoutMs: waitMs },
)
const { told, drawnMedianMs, medianMs } = await measuring
const isSmooth = drawnMedianMs < drawnMsMax && medianMs < betweenMsMax
console.log(
  `${count} drones: ${told}: ${isSmooth ? 'smooth' : `NOT smooth: ${drawnMsMax} and ${betweenMsMax} ms at most`}`,
)
process.exitCode = isSmooth ? 0 : 1
