/** Who attacks: alerts of the intrusion detection as they come, and which addresses are refused and until when. */
import { DenialReply } from '@fleet/contracts/accounts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { z } from 'zod'
import { Act, WhyNot } from '../act.tsx'
import { Answer } from '../answer.tsx'
import { call } from '../api.ts'
import { allowedQuery, denialsQuery } from '../queries.ts'
import { useFleetVersion, useRoom } from '../room.ts'
import { clockTime, fullTime, span } from '../times.ts'
import { useNow } from '../use-now.ts'

export function Attacks() {
  const denials = useQuery(denialsQuery)
  const allowed = useQuery(allowedQuery)
  return (
    <>
      <h1>Attacks</h1>
      <h2>Alerts</h2>
      <RaisedAlerts />
      <h2>Limits in force</h2>
      <Answer query={denials} what="the deny list">
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">No address is refused or limited.</p>
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
      <h2>Never refused</h2>
      <Answer query={allowed} what="the allow list">
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">No address is on the allow list.</p>
          ) : (
            <ul className="cards">
              {items.map((entry) => (
                <Denial key={entry.address} denial={entry} />
              ))}
            </ul>
          )
        }
      </Answer>
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
      {attacks.map(({ source, rule, detector, raisedAtMs, confidence }) => {
        const iso = new Date(raisedAtMs).toISOString()
        return (
          <li key={`${source} ${rule} ${raisedAtMs}`}>
            <span className="row-main">
              <strong className="id">{source}</strong>
              <span>{rule}</span>
            </span>
            <span className="row-rest">
              <span>{detector}</span>
              {confidence === 'low' && <span>low confidence</span>}
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

const treatmentWords = { deny: 'Refused', limit: 'Limited', allow: 'Allowed' } as const

function Denial({ denial: { address, treatment, reason, until } }: { denial: z.infer<typeof DenialReply> }) {
  const queries = useQueryClient()
  const nowMs = useNow()
  const list = treatment === 'allow' ? 'allow-list' : 'deny-list'
  const reread = () => void queries.invalidateQueries({ queryKey: ['denials'] })
  return (
    <li className="card">
      <h3>
        <span className="id">{address}</span>{' '}
        <span className={`state treatment-${treatment}`}>{treatmentWords[treatment]}</span>
      </h3>
      <p>
        {reason}. Until{' '}
        <time dateTime={until} title={fullTime(until)}>
          {clockTime(until)}
        </time>
        , {span(Date.parse(until) - nowMs)} more.
      </p>
      <div className="acts">
        <Act
          label={treatment === 'allow' ? 'Take off the list' : 'Release'}
          done="Done."
          act={() => call(`/v1/${list}/${encodeURIComponent(address)}`, z.null(), { method: 'DELETE' })}
          onDone={reread}
          confirm={{
            title: treatment === 'allow' ? `Take ${address} off the allow list?` : `Release ${address}?`,
            text:
              treatment === 'allow' ? (
                <p>It may be refused again, like any other.</p>
              ) : (
                <p>It may call again at once. Where it goes on as before, it is refused again.</p>
              ),
          }}
        />
        {treatment !== 'allow' && (
          <Act
            label="Never refuse"
            done="Done."
            act={(note) => call('/v1/allow-list', DenialReply, { method: 'POST', body: { address, reason: note } })}
            onDone={reread}
            confirm={{
              title: `Never refuse ${address}?`,
              text: <p>For an hour nothing that it does is held against it.</p>,
              note: 'asked',
            }}
          />
        )}
      </div>
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
