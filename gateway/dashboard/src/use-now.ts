/** For what ages while nothing happens: estimates, and how old something is. */
import { useEffect, useState } from 'react'
import { realNow } from './times.ts'

/** Real time in milliseconds since 1970; renders anew once a second. */
export function useNow(): number {
  const [nowMs, setNowMs] = useState(realNow)
  useEffect(() => {
    const timer = setInterval(() => setNowMs(realNow()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return nowMs
}
