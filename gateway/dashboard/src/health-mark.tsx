/** A drone's health as a shape, a colour and a word: the same shape and colour as on the map. */
import type { HealthState } from '@fleet/contracts/drone-health'
import { shapeOf } from './map-drawing.ts'
import { healthWords } from './words.ts'

export function HealthMark({ health, bare = false }: { health: HealthState; bare?: boolean }) {
  return (
    <span className={`health ${health}`}>
      <svg viewBox="-12 -12 24 24" width="16" height="16" aria-hidden="true">
        <path d={shapeOf(health)} fill="currentColor" />
      </svg>
      <span className={bare ? 'unseen' : ''}>{healthWords[health]}</span>
    </span>
  )
}
