/** Who attacks: alerts of the intrusion detection as they come, and which addresses are refused and until when. */
import { DenialReply } from '@fleet/contracts/accounts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { z } from 'zod'
import { Act, WhyNot } from '../act.tsx'
import { Answer } from '../answer.tsx'
import { call } from '../api.ts'
import { denialsQuery } from '../queries.ts'
import { useFleetVersion, useRoom } from '../room.ts'
import { clockTime, fullTime, realNow, span } from '../times.ts'

export function Attacks() {
  const denials = useQuery(denialsQuery)
  return (
    <>
      <h1>Attacks</h1>
      <h2>Alerts</h2>
      <RaisedAlerts />
      <h2>Limits in force</h2>
      <Answer query={denials} what="the deny list">
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">No address is refused.</p>
          ) : (
            <ul className="cards">
              {items.map((denial) => (
                <Denial key={denial.address} denial={denial} />
              ))}
            </ul>
          )
        }
      </Answer>
      <Refuse />
    </>
  )
}

function RaisedAlerts() {
  const { fleet } = useRoom()
  useFleetVersion()
  const attacks = fleet.attacks()
  if (attacks.length === 0) {
    return (
      <p className="quiet">None since this page was opened. They are shown as they are raised; earlier ones are not.</p>
    )
  }
  return (
    <ul className="list plain-list">
      {attacks.map(({ source, rule, detector, raisedAtMs }) => {
        const iso = new Date(raisedAtMs).toISOString()
        return (
          <li key={`${source} ${rule} ${raisedAtMs}`}>
            <span className="row-main">
              <strong className="id">{source}</strong>
              <span>{rule}</span>
            </span>
            <span className="row-rest">
              <span>{detector}</span>
              <time dateTime={iso} title={fullTime(iso)}>
                {clockTime(iso)}
              </time>
            </span>
          </li>
        )
      })}
    </ul>
  )
}

function Denial({ denial: { address, reason, until } }: { denial: z.infer<typeof DenialReply> }) {
  const queries = useQueryClient()
  const leftMs = Date.parse(until) - realNow()
  return (
    <li className="card">
      <h3 className="id">{address}</h3>
      <p>
        {reason}. Refused until{' '}
        <time dateTime={until} title={fullTime(until)}>
          {clockTime(until)}
        </time>
        , {span(leftMs)} more.
      </p>
      <Act
        label="Release"
        done="Released."
        act={() => call(`/v1/deny-list/${encodeURIComponent(address)}`, z.null(), { method: 'DELETE' })}
        onDone={() => void queries.invalidateQueries({ queryKey: ['denials'] })}
        confirm={{ title: `Release ${address}?`, text: <p>It may call again at once.</p> }}
      />
    </li>
  )
}

function Refuse() {
  const queries = useQueryClient()
  const ids = { address: useId(), reason: useId(), minutes: useId() }
  const [address, setAddress] = useState('')
  const [reason, setReason] = useState('')
  const [minutes, setMinutes] = useState('60')
  const refuse = useMutation({
    mutationFn: () =>
      call('/v1/deny-list', DenialReply, { method: 'POST', body: { address, reason, forS: Number(minutes) * 60 } }),
    onSuccess: async () => {
      setAddress('')
      setReason('')
      await queries.invalidateQueries({ queryKey: ['denials'] })
    },
  })
  return (
    <form
      className="card"
      aria-label="Refuse an address"
      onSubmit={(event) => {
        event.preventDefault()
        if (!refuse.isPending) refuse.mutate()
      }}
    >
      <h3>Refuse an address</h3>
      <div className="fields">
        <div className="field">
          <label htmlFor={ids.address}>Address</label>
          <input id={ids.address} required value={address} onChange={(event) => setAddress(event.target.value)} />
        </div>
        <div className="field">
          <label htmlFor={ids.minutes}>For minutes</label>
          <input
            id={ids.minutes}
            inputMode="numeric"
            required
            value={minutes}
            onChange={(event) => setMinutes(event.target.value)}
          />
        </div>
      </div>
      <div className="field">
        <label htmlFor={ids.reason}>Why</label>
        <input
          id={ids.reason}
          required
          maxLength={200}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </div>
      <div className="buttons">
        <button type="submit" className="button danger" aria-busy={refuse.isPending}>
          {refuse.isPending ? 'Refusing…' : 'Refuse'}
        </button>
        <output className="outcome">{refuse.isSuccess ? 'Refused from now on.' : ''}</output>
      </div>
      {refuse.error !== null && <WhyNot error={refuse.error} />}
    </form>
  )
}
