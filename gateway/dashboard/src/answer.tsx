/** What a query gives, or what is to be said meanwhile. */
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { WhyNot } from './act.tsx'

export function Answer<T>({
  query,
  what,
  children,
}: {
  query: UseQueryResult<T>
  /** What is being read, for whoever waits: `orders`. */
  what: string
  children: (data: T) => ReactNode
}) {
  const { data, error, isPending } = query
  if (isPending) return <p className="quiet">Reading {what}…</p>
  return (
    <>
      {error !== null && <WhyNot error={error} />}
      {data !== undefined && children(data)}
    </>
  )
}
