/** What happened to a drone lately: how its health changed and why, and what it was ordered, by the policy or by a person. */
import type { DroneHistoryReply } from '@fleet/contracts/flight-record'
import { useQuery } from '@tanstack/react-query'
import { Answer } from './answer.tsx'
import { historyQuery } from './queries.ts'
import { useRoom } from './room.ts'
import { clockTime, fullTime } from './times.ts'
import { commandStatusWords, commandWords, healthWords, ruleSentence } from './words.ts'

const linesMax = 12
/** World milliseconds. */
const lookBackMs = 6 * 3_600_000

type Line = { key: string; at: string; text: string; rest: string }

export function History({ droneId }: { droneId: string }) {
  const { settings } = useRoom()
  const history = useQuery(historyQuery(droneId, () => new Date(settings.worldNow() - lookBackMs).toISOString()))
  return (
    <section className="card">
      <h2>Lately</h2>
      <Answer query={history} what="what happened">
        {(data) => {
          const lines = linesOf(data).slice(0, linesMax)
          if (lines.length === 0) return <p className="quiet">Nothing in the last six hours.</p>
          return (
            <ol className="history">
              {lines.map(({ key, at, text, rest }) => (
                <li key={key}>
                  <time dateTime={at} title={fullTime(at)}>
                    {clockTime(at)}
                  </time>
                  <span>
                    <strong>{text}</strong> {rest}
                  </span>
                </li>
              ))}
            </ol>
          )
        }}
      </Answer>
    </section>
  )
}

/** The newest first. */
function linesOf({ health, commands }: DroneHistoryReply): Line[] {
  const changes = health.map(({ at, to, evidence }): Line => {
    const rest = to === 'healthy' ? '' : ruleSentence(evidence.rule)
    return { key: `${at} ${to}`, at, text: healthWords[to], rest }
  })
  const orders = commands.map(({ commandId, kind, issuedBy, reason, steps }): Line => {
    const last = steps.at(-1)
    const outcome = last === undefined ? '' : commandStatusWords[last.status].toLowerCase()
    const rest = `by ${issuedBy}: ${outcome}${reason === null ? '' : `, ${reason}`}`
    return { key: commandId, at: steps[0]?.at ?? '', text: commandWords[kind].verb, rest }
  })
  return [...changes, ...orders].filter(({ at }) => at !== '').toSorted((a, b) => b.at.localeCompare(a.at))
}
