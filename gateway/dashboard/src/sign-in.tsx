/** Who are you? Asked where no session stands. */
import { useMutation } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { WhyNot } from './act.tsx'
import { signIn } from './session.ts'

export function SignIn() {
  const userId = useId()
  const passwordId = useId()
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const { mutate, isPending, error } = useMutation({ mutationFn: signIn })
  return (
    <main className="sign-in">
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!isPending) mutate({ user, password })
        }}
      >
        <h1>Drone delivery</h1>
        <p>Operators see the fleet; customers see their orders.</p>
        <div className="field">
          <label htmlFor={userId}>User</label>
          <input
            id={userId}
            name="user"
            autoComplete="username"
            autoCapitalize="none"
            required
            value={user}
            onChange={(event) => setUser(event.target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor={passwordId}>Password</label>
          <input
            id={passwordId}
            name="password"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </div>
        <button type="submit" className="button main" aria-busy={isPending}>
          {isPending ? 'Signing in…' : 'Sign in'}
        </button>
        {error !== null && <WhyNot error={error} />}
      </form>
    </main>
  )
}
