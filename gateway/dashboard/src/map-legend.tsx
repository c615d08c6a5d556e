/** What the shapes on the map mean, and how many drones are what. */
import { HealthState } from '@fleet/contracts/drone-health'
import { HealthMark } from './health-mark.tsx'
import { useFleetVersion, useRoom } from './room.ts'

export function MapLegend({ isOperator }: { isOperator: boolean }) {
  const { fleet } = useRoom()
  useFleetVersion()
  if (!isOperator) return null
  const counts = new Map<HealthState, number>()
  for (const droneId of fleet.drones.keys()) {
    const health = fleet.health.get(droneId) ?? 'healthy'
    counts.set(health, (counts.get(health) ?? 0) + 1)
  }
  return (
    <ul className="legend" aria-label="Drones on the map, by health">
      {HealthState.options
        .filter((health) => (counts.get(health) ?? 0) > 0)
        .map((health) => (
          <li key={health}>
            <HealthMark health={health} /> {counts.get(health)}
          </li>
        ))}
    </ul>
  )
}
