/**
 * Where a drone is shown between two updates: it glides from where it is shown to where it was last reported, in about
 * the time that updates take to come. So it is shown a little late, and never jumps unless it really did.
 */
export type Shown = { x: number; y: number; headingDeg: number }
export type Motion = { from: Shown; to: Shown; startedMs: number; durationMs: number; seenMs: number }

/** Real milliseconds. */
const durationMsMin = 100
const durationMsMax = 2_000
const firstDurationMs = 400
/** How much of the newest interval goes into the expected one. */
const weight = 0.3
/** In units of the Mercator square: about 2 km. Whoever moved further was not seen flying there. */
const jump = 5e-5

export const still = (at: Shown, nowMs: number): Motion => ({
  from: at,
  to: at,
  startedMs: nowMs,
  durationMs: firstDurationMs,
  seenMs: nowMs,
})

/** `motion` once the drone was reported at `to`. */
export function towards(motion: Motion, to: Shown, nowMs: number): Motion {
  if (Math.abs(to.x - motion.to.x) > jump || Math.abs(to.y - motion.to.y) > jump) return still(to, nowMs)
  const interval = Math.min(durationMsMax, Math.max(durationMsMin, nowMs - motion.seenMs))
  const durationMs = motion.durationMs * (1 - weight) + interval * weight
  return { from: shownAt(motion, nowMs), to, startedMs: nowMs, durationMs, seenMs: nowMs }
}

export function shownAt({ from, to, startedMs, durationMs }: Motion, nowMs: number): Shown {
  const share = Math.min(1, Math.max(0, (nowMs - startedMs) / durationMs))
  if (share >= 1) return to
  // The short way round: from 350° to 10° is 20°, through north.
  const turn = ((to.headingDeg - from.headingDeg + 540) % 360) - 180
  return {
    x: from.x + (to.x - from.x) * share,
    y: from.y + (to.y - from.y) * share,
    headingDeg: (from.headingDeg + turn * share + 360) % 360,
  }
}

/** Whether it still glides. */
export const isMoving = ({ startedMs, durationMs }: Motion, nowMs: number) => nowMs - startedMs < durationMs

/** Web Mercator, the world a square of 0 to 1. */
export const mercatorX = (lon: number) => (lon + 180) / 360
export const mercatorY = (lat: number) =>
  (1 - Math.log(Math.tan((lat * Math.PI) / 180) + 1 / Math.cos((lat * Math.PI) / 180)) / Math.PI) / 2
