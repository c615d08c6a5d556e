/** What the gateway tells every page before anybody has signed in, and the world clock that follows from it. */
import { PageSettings } from '@fleet/contracts/front-door'

export type Settings = {
  mapStyleUrl: string | null
  worldSpeed: number
  /** The world clock's now, in milliseconds since 1970, whatever this machine's own clock says. */
  worldNow(): number
}

const requestMsMax = 10_000

/** Reads them. Rejects where the gateway does not answer. */
export async function readSettings(): Promise<Settings> {
  const response = await fetch('/settings.json', { signal: AbortSignal.timeout(requestMsMax) })
  const { mapStyleUrl, world, nowMs } = PageSettings.parse(await response.json())
  const readAtMs = performance.now()
  return {
    mapStyleUrl,
    worldSpeed: world.speed,
    worldNow: () => {
      const realMs = nowMs + (performance.now() - readAtMs)
      return world.epochMs + (realMs - world.epochMs) * world.speed
    },
  }
}
