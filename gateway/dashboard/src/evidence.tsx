/** Why a rule spoke: what was read, and what it was held against. */
import type { DroneHealthReply } from '@fleet/contracts/rest'
import { clockTime, fullTime } from './times.ts'
import { readingName, ruleSentence } from './words.ts'

type Shown = NonNullable<DroneHealthReply['evidence']>

const shown = (value: number | string) =>
  typeof value === 'number' ? value.toLocaleString(undefined, { maximumFractionDigits: 2 }) : value

export function Evidence({ evidence, since }: { evidence: Shown; since: string | null }) {
  const readings = Object.entries(evidence.readings)
  const thresholds = Object.entries(evidence.thresholds)
  return (
    <section className="evidence" aria-label="Evidence">
      <p>
        <strong>{ruleSentence(evidence.rule)}</strong>
        {since !== null && (
          <>
            {' '}
            since{' '}
            <time dateTime={since} title={fullTime(since)}>
              {clockTime(since)}
            </time>
          </>
        )}
      </p>
      <dl>
        {readings.map(([name, value]) => (
          <div key={name}>
            <dt>{readingName(name)}</dt>
            <dd>{shown(value)}</dd>
          </div>
        ))}
        {thresholds.map(([name, value]) => (
          <div key={name} className="threshold">
            <dt>threshold: {readingName(name)}</dt>
            <dd>{shown(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
