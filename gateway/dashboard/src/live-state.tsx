/** Whether what is shown is live, and how old it is where it is not. */
import { useFleetVersion, useRoom } from './room.ts'
import { span } from './times.ts'

/** Real milliseconds without a word from the stream before its age is told; positions come four times a second. */
const freshMs = 3_000

export function LiveState({ isOperator }: { isOperator: boolean }) {
  const { fleet } = useRoom()
  useFleetVersion()
  if (!isOperator) return <p className="live" />
  const connection = fleet.connection()
  const ageMs = fleet.ageMs()
  const age = ageMs === null ? '' : span(ageMs)
  if (connection.kind === 'live') {
    const isFresh = ageMs !== null && ageMs < freshMs
    return (
      <p className="live is-live" role="status">
        Live<span className="age">{isFresh ? '' : ` · last update ${age} ago`}</span>
      </p>
    )
  }
  return (
    <p className="live is-lost" role="status">
      {connection.kind === 'connecting' ? 'Connecting…' : 'Connection lost, trying again'}
      <span className="age">{ageMs === null ? '' : ` · shown is ${age} old`}</span>
    </p>
  )
}
