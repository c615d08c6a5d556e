/** What calls for an operator's eye: the evidence, what is being done about it already, and who has seen it. */
import { AcknowledgementReply } from '@fleet/contracts/front-door'
import { type DroneHealthReply, HealthAlertsReply } from '@fleet/contracts/rest'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from 'wouter'
import { Act } from '../act.tsx'
import { Answer } from '../answer.tsx'
import { call } from '../api.ts'
import { Evidence } from '../evidence.tsx'
import { HealthMark } from '../health-mark.tsx'
import { acknowledgementsQuery, alertsQuery, dronesQuery } from '../queries.ts'
import { clockTime, fullTime } from '../times.ts'
import { policyWords, shortId } from '../words.ts'

export function Alerts() {
  const alerts = useQuery(alertsQuery)
  const acknowledged = useQuery(acknowledgementsQuery)
  const drones = useQuery(dronesQuery)
  const nameOf = (droneId: string) => drones.data?.items.find((drone) => drone.droneId === droneId)?.name
  return (
    <>
      <h1>Alerts</h1>
      <Answer query={alerts} what="alerts">
        {({ link, items }) => (
          <>
            {link.status !== 'up' && <LostLink link={link} />}
            <p className="quiet" role="status">
              {items.length === 0 ? 'All is well: no drone is in trouble.' : `${items.length} in trouble`}
            </p>
            <ul className="cards">
              {items.map((alert) => (
                <Alert
                  key={alert.droneId}
                  alert={alert}
                  name={nameOf(alert.droneId) ?? shortId(alert.droneId)}
                  seen={acknowledged.data?.items.find(
                    ({ droneId, incident }) => droneId === alert.droneId && incident === alert.incident,
                  )}
                />
              ))}
            </ul>
          </>
        )}
      </Answer>
    </>
  )
}

function Alert({
  alert,
  name,
  seen,
}: {
  alert: DroneHealthReply
  name: string
  seen: AcknowledgementReply | undefined
}) {
  const queries = useQueryClient()
  const { droneId, incident, status, evidence, since } = alert
  return (
    <li className={`card alert ${seen === undefined ? 'unacknowledged' : ''}`}>
      <h2>
        <Link href={`/drones/${droneId}`}>{name}</Link> <HealthMark health={status} />
      </h2>
      {evidence !== null && <Evidence evidence={evidence} since={since} />}
      <p>
        <strong>What is being done.</strong> {policyWords(alert)}
      </p>
      {seen === undefined ? (
        <Act
          label="Acknowledge"
          done="Acknowledged."
          act={(note) =>
            call('/v1/health/acknowledgements', AcknowledgementReply, {
              method: 'POST',
              body: { droneId, incident, ...(note === '' ? {} : { note }) },
            })
          }
          onDone={() => void queries.invalidateQueries({ queryKey: ['acknowledgements'] })}
          confirm={{
            title: `Acknowledge the trouble of ${name}?`,
            text: <p>The other operators see that you have seen it. Nothing else changes.</p>,
            note: 'offered',
          }}
        />
      ) : (
        <p className="quiet">
          Acknowledged by {seen.by},{' '}
          <time dateTime={seen.at} title={fullTime(seen.at)}>
            {clockTime(seen.at)}
          </time>
          {seen.note === undefined ? '' : `: ${seen.note}`}
        </p>
      )}
    </li>
  )
}

/** Many drones silent together are one lost link, and nobody is rebooted for it until an operator says that it is the drones. */
function LostLink({ link: { status, since, quiet, inFlight, note } }: { link: HealthAlertsReply['link'] }) {
  const queries = useQueryClient()
  return (
    <section className="card alert unacknowledged">
      <h2>The link to the fleet is lost</h2>
      <p>
        {quiet !== null && inFlight !== null ? `${quiet} of ${inFlight} drones in flight fell silent together. ` : ''}
        {status === 'judged'
          ? `An operator judged that it is the drones: ${note ?? ''}`
          : 'Their silence is not held against them, and none is rebooted for it.'}
        {since !== null && ` Since ${clockTime(since)}.`}
      </p>
      {status === 'lost' && (
        <Act
          label="It is the drones"
          done="Their silence counts from now on."
          tone="danger"
          act={(text) =>
            call('/v1/health/link/judgement', HealthAlertsReply.shape.link, { method: 'POST', body: { note: text } })
          }
          onDone={() => void queries.invalidateQueries({ queryKey: ['health'] })}
          confirm={{
            title: 'Is it the drones, and not the link?',
            text: <p>Then each silent drone is rebooted, and grounded where that does not help.</p>,
            note: 'asked',
          }}
        />
      )}
    </section>
  )
}
