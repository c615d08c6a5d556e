/** Something that a person does: it shows that it is under way, that it is done, or why not. */
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useId, useRef, useState } from 'react'
import { documentOf, factsOf } from './problem.ts'

/** Why not, with the field, the limit and the value that broke the rule. */
export function WhyNot({ error }: { error: unknown }) {
  const document = documentOf(error)
  const facts = factsOf(document)
  return (
    <div className="why-not" role="alert">
      <p>
        <strong>{document.title}.</strong>
      </p>
      {facts.length > 0 && (
        <dl>
          {facts.map(({ name, text }) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  )
}

type ActProps = {
  label: string
  /** What to show once it is done. */
  done: string
  act: (note: string) => Promise<unknown>
  onDone?: () => void
  tone?: 'plain' | 'main' | 'danger'
  disabled?: boolean
  /** Asked first, in a dialog; with `note`, a word for those who read it later. */
  confirm?: { title: string; text: ReactNode; note?: 'asked' | 'offered' }
}

const noteCharsMax = 500

export function Act({ label, done, act, onDone, tone = 'plain', disabled = false, confirm }: ActProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const mutation = useMutation({
    mutationFn: act,
    onSuccess: () => onDone?.(),
  })
  const { isPending, isSuccess, error } = mutation
  return (
    <div className="act">
      <button
        type="button"
        className={`button ${tone}`}
        disabled={disabled}
        aria-disabled={isPending}
        aria-busy={isPending}
        onClick={() => {
          if (isPending) return
          if (confirm === undefined) mutation.mutate('')
          else dialog.current?.showModal()
        }}
      >
        {isPending ? `${label}…` : label}
      </button>
      <output className="outcome">{isSuccess ? done : ''}</output>
      {error !== null && <WhyNot error={error} />}
      {confirm !== undefined && (
        <ConfirmDialog ref={dialog} label={label} tone={tone} onYes={(note) => mutation.mutate(note)} {...confirm} />
      )}
    </div>
  )
}

type ConfirmProps = NonNullable<ActProps['confirm']> & {
  ref: React.RefObject<HTMLDialogElement | null>
  label: string
  tone: NonNullable<ActProps['tone']>
  onYes: (note: string) => void
}

/** The browser's own modal dialog: it holds the focus, closes by Escape, and gives the focus back. */
function ConfirmDialog({ ref, label, tone, title, text, note, onYes }: ConfirmProps) {
  const titleId = useId()
  const noteId = useId()
  const [written, setWritten] = useState('')
  const close = () => ref.current?.close()
  return (
    <dialog ref={ref} aria-labelledby={titleId}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          close()
          onYes(written.trim())
          setWritten('')
        }}
      >
        <h2 id={titleId}>{title}</h2>
        <div className="dialog-text">{text}</div>
        {note !== undefined && (
          <div className="field">
            <label htmlFor={noteId}>{note === 'asked' ? 'Why' : 'Note (optional)'}</label>
            <input
              id={noteId}
              value={written}
              required={note === 'asked'}
              maxLength={noteCharsMax}
              onChange={(event) => setWritten(event.target.value)}
            />
          </div>
        )}
        <div className="buttons">
          <button type="button" className="button plain" onClick={close}>
            Not now
          </button>
          <button type="submit" className={`button ${tone === 'danger' ? 'danger' : 'main'}`}>
            {label}
          </button>
        </div>
      </form>
    </dialog>
  )
}
