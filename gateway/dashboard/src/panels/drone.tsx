/** One drone: how it is, what it flies, and what an operator may order. */
import type { CommandKind } from '@fleet/contracts/drone-commands'
import { DroneCommandReply, type DroneDetailReply, DroneHealthReply } from '@fleet/contracts/rest'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import { Act } from '../act.tsx'
import { Answer } from '../answer.tsx'
import { call } from '../api.ts'
import { Evidence } from '../evidence.tsx'
import { HealthMark } from '../health-mark.tsx'
import { History } from '../history.tsx'
import { droneQuery, healthsQuery, ordersQuery } from '../queries.ts'
import { useFleetVersion, useRoom } from '../room.ts'
import { clockTime, fullTime, span } from '../times.ts'
import {
  commandStatusWords,
  commandWords,
  isCommandOver,
  isOrderOver,
  orderWords,
  policyWords,
  shortId,
} from '../words.ts'

const commandsShownMax = 10
const commandEveryMs = 500

export function Drone({ id }: { id: string }) {
  const drone = useQuery(droneQuery(id))
  return (
    <>
      <p className="back">
        <Link href="/drones">All drones</Link>
      </p>
      <h1>Drone {drone.data === undefined ? <span className="id">{shortId(id)}</span> : drone.data.name}</h1>
      <Answer query={drone} what="the drone">
        {(data) => <DroneView drone={data} />}
      </Answer>
    </>
  )
}

function DroneView({ drone }: { drone: DroneDetailReply }) {
  const { droneId } = drone
  const healths = useQuery(healthsQuery)
  const health = healths.data?.items.find((item) => item.droneId === droneId)
  return (
    <>
      {health !== undefined && (
        <div className="headline" role="status">
          <HealthMark health={health.status} />
          <p>{policyWords(health)}</p>
        </div>
      )}
      <State drone={drone} />
      <CurrentItinerary droneId={droneId} />
      {health?.evidence != null && <Evidence evidence={health.evidence} since={health.since} />}
      <Commands droneId={droneId} health={health} />
      <History droneId={droneId} />
    </>
  )
}

function State({ drone: { droneId, baseId, seen } }: { drone: DroneDetailReply }) {
  const { fleet } = useRoom()
  useFleetVersion()
  const known = fleet.drones.get(droneId)
  const latest = known?.latest
  return (
    <dl className="facts">
      <div>
        <dt>Battery</dt>
        <dd>{latest === undefined ? 'not known' : `${latest.batteryPct.toFixed(0)} %`}</dd>
      </div>
      <div>
        <dt>Link</dt>
        <dd>{known === undefined ? 'nothing heard' : `last heard ${span(performance.now() - known.heardMs)} ago`}</dd>
      </div>
      {latest !== undefined && (
        <>
          <div>
            <dt>Speed</dt>
            <dd>{latest.speedMps.toFixed(1)} m/s</dd>
          </div>
          <div>
            <dt>Altitude</dt>
            <dd>{latest.altitudeM.toFixed(0)} m</dd>
          </div>
          <div>
            <dt>Heading</dt>
            <dd>{latest.headingDeg.toFixed(0)}°</dd>
          </div>
          <div>
            <dt>Place</dt>
            <dd>
              {latest.lat.toFixed(5)}, {latest.lon.toFixed(5)}
            </dd>
          </div>
        </>
      )}
      <div>
        <dt>Boot</dt>
        <dd>{seen?.boot ?? latest?.boot ?? 'none'}</dd>
      </div>
      <div>
        <dt>Last report</dt>
        <dd>
          {seen === null ? (
            'none'
          ) : (
            <>
              {seen.report}, <time dateTime={seen.at}>{clockTime(seen.at)}</time>
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>Base</dt>
        <dd className="id">{baseId}</dd>
      </div>
      <div>
        <dt>Id</dt>
        <dd className="id">{droneId}</dd>
      </div>
    </dl>
  )
}

function CurrentItinerary({ droneId }: { droneId: string }) {
  const orders = useQuery(ordersQuery)
  const order = orders.data?.items.find(({ flight, status }) => flight?.droneId === droneId && !isOrderOver(status))
  return (
    <section className="card">
      <h2>Itinerary</h2>
      {order === undefined ? (
        <p>None: it waits for an order.</p>
      ) : (
        <p>
          <Link className="id" href={`/orders/${order.orderId}`}>
            Order {shortId(order.orderId)}
          </Link>{' '}
          <span className={`state ${order.status}`}>{orderWords[order.status]}</span>{' '}
          {order.status === 'delivered' ? 'On its way home.' : ''}
        </p>
      )}
    </section>
  )
}

function Commands({ droneId, health }: { droneId: string; health: DroneHealthReply | undefined }) {
  const [given, setGiven] = useState<string[]>([])
  const queries = useQueryClient()
  const rereadHealth = () => void queries.invalidateQueries({ queryKey: ['health'] })
  const order = (kind: CommandKind) => async () => {
    const path = `/v1/drones/${droneId}/commands`
    const command = await call(path, DroneCommandReply, {
      method: 'POST',
      body: { kind },
      idempotencyKey: crypto.randomUUID(),
    })
    setGiven((before) => [command.commandId, ...before].slice(0, commandsShownMax))
  }
  const noted = (what: 'grounding' | 'release') => (note: string) =>
    call(`/v1/drones/${droneId}/${what}`, DroneHealthReply, { method: 'POST', body: { note } })
  const isGrounded = health?.status === 'grounded'
  return (
    <section className="card" aria-label="Commands">
      <h2>Commands</h2>
      <div className="acts row">
        {(['hold', 'resume', 'return', 'land', 'reboot'] as const).map((kind) => (
          <Act
            key={kind}
            label={commandWords[kind].verb}
            done=""
            tone={kind === 'land' || kind === 'reboot' ? 'danger' : 'plain'}
            act={order(kind)}
            confirm={{ title: `${commandWords[kind].verb} this drone?`, text: <p>{commandWords[kind].asks}</p> }}
          />
        ))}
        {isGrounded ? (
          <Act
            label="Release"
            done="Released."
            tone="main"
            act={noted('release')}
            onDone={rereadHealth}
            confirm={{
              title: 'Release this drone?',
              text: <p>It flies again. It must pass its self-check: on the ground, lately heard, no rule speaks.</p>,
              note: 'asked',
            }}
          />
        ) : (
          <Act
            label="Ground"
            done="Grounded."
            tone="danger"
            act={noted('grounding')}
            onDone={rereadHealth}
            confirm={{
              title: 'Ground this drone?',
              text: (
                <p>
                  It gets no itinerary and no permit until an operator releases it; its order goes to another drone.
                </p>
              ),
              note: 'asked',
            }}
          />
        )}
      </div>
      {given.length > 0 && (
        <ol className="commands" aria-label="Commands given here">
          {given.map((commandId) => (
            <Command key={commandId} droneId={droneId} commandId={commandId} />
          ))}
        </ol>
      )}
    </section>
  )
}

/** Read until it has its one outcome. */
function Command({ droneId, commandId }: { droneId: string; commandId: string }) {
  const command = useQuery({
    queryKey: ['commands', commandId],
    queryFn: ({ signal }) => call(`/v1/drones/${droneId}/commands/${commandId}`, DroneCommandReply, { signal }),
    refetchInterval: ({ state }) =>
      state.data !== undefined && isCommandOver(state.data.status) ? false : commandEveryMs,
  })
  const { data } = command
  if (data === undefined) return <li>Reading…</li>
  return (
    <li>
      <strong>{commandWords[data.kind].verb}</strong>{' '}
      <span className={`state command-${data.status}`} role="status">
        {commandStatusWords[data.status]}
      </span>{' '}
      {data.reason !== null && <span>{data.reason}</span>}{' '}
      <time dateTime={data.changedAt} title={fullTime(data.changedAt)}>
        {clockTime(data.changedAt)}
      </time>
    </li>
  )
}
