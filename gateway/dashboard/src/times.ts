/** Times in the viewer's own zone and language. */
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const short = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })

export const clockTime = (iso: string) => clock.format(new Date(iso))
export const shortTime = (ms: number) => short.format(new Date(ms))
/** With date and zone, for whoever asks twice. */
export const fullTime = (iso: string) => full.format(new Date(iso))

/** A span as one would say it: `8 s`, `3 min`, `2 h 5 min`, `4 d`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  if (seconds < 90) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 90) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return `${Math.round(hours / 24)} d`
}

/** Real time by this machine's clock, in milliseconds since 1970. */
export const realNow = () => performance.timeOrigin + performance.now()
