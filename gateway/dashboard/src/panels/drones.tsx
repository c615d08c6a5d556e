/** Every drone in a list: what the map shows, for whoever does not look at it or does not use a pointer. */
import { HealthState } from '@fleet/contracts/drone-health'
import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { Link, useSearchParams } from 'wouter'
import { Answer } from '../answer.tsx'
import { HealthMark } from '../health-mark.tsx'
import { dronesQuery } from '../queries.ts'
import { useFleetVersion, useRoom } from '../room.ts'
import { span } from '../times.ts'
import { healthWords, shortId } from '../words.ts'

/** More rows than this make the page slow and are not read: the search narrows them. */
const rowsMax = 200
/** The gravest first. */
const gravity = [...HealthState.options].reverse()

export function Drones() {
  const { fleet } = useRoom()
  useFleetVersion()
  const drones = useQuery(dronesQuery)
  const [search, setSearch] = useSearchParams()
  const ids = { find: useId(), health: useId() }
  const text = search.get('find') ?? ''
  const wanted = HealthState.safeParse(search.get('health')).data
  const put = (name: string, value: string) =>
    setSearch(
      (before) => {
        const next = new URLSearchParams(before)
        if (value === '') next.delete(name)
        else next.set(name, value)
        return next
      },
      { replace: true },
    )
  return (
    <>
      <h1>Drones</h1>
      <search className="finder fields">
        <div className="field">
          <label htmlFor={ids.find}>Find by name or id</label>
          <input id={ids.find} type="search" value={text} onChange={(event) => put('find', event.target.value)} />
        </div>
        <div className="field">
          <label htmlFor={ids.health}>Health</label>
          <select id={ids.health} value={wanted ?? ''} onChange={(event) => put('health', event.target.value)}>
            <option value="">Any</option>
            {HealthState.options.map((health) => (
              <option key={health} value={health}>
                {healthWords[health]}
              </option>
            ))}
          </select>
        </div>
      </search>
      <Answer query={drones} what="drones">
        {({ items }) => {
          const found = items
            .filter(({ revokedAt }) => revokedAt === null)
            .map((drone) => ({ ...drone, health: fleet.health.get(drone.droneId) ?? ('healthy' as const) }))
            .filter(({ health }) => wanted === undefined || health === wanted)
            .filter(({ name, droneId }) => `${name} ${droneId}`.toLowerCase().includes(text.trim().toLowerCase()))
            .toSorted((a, b) => gravity.indexOf(a.health) - gravity.indexOf(b.health))
          return (
            <>
              <p className="quiet" role="status">
                {found.length} of {items.length} drones{found.length > rowsMax ? `, the first ${rowsMax} shown` : ''}
              </p>
              <ul className="list">
                {found.slice(0, rowsMax).map(({ droneId, name, health }) => (
                  <DroneRow key={droneId} droneId={droneId} name={name} health={health} />
                ))}
              </ul>
            </>
          )
        }}
      </Answer>
    </>
  )
}

function DroneRow({ droneId, name, health }: { droneId: string; name: string; health: HealthState }) {
  const { fleet } = useRoom()
  const known = fleet.drones.get(droneId)
  return (
    <li>
      <Link href={`/drones/${droneId}`}>
        <span className="row-main">
          <strong>{name}</strong>
          <HealthMark health={health} />
        </span>
        <span className="row-rest">
          <span className="id">{shortId(droneId)}</span>
          {known === undefined ? (
            <span>not heard yet</span>
          ) : (
            <>
              <span>{Math.round(known.latest.batteryPct)} % battery</span>
              <span>{known.latest.speedMps > 0.5 ? `${known.latest.speedMps.toFixed(0)} m/s` : 'standing'}</span>
              <span>{span(performance.now() - known.heardMs)} ago</span>
            </>
          )}
        </span>
      </Link>
    </li>
  )
}
