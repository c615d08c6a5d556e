/** Links of the stack that lead through Toxiproxy, and what can be done to them. */

/** How a link is made worse: by milliseconds, by kilobytes a second, by resets, or cut. */
export type Toxic = { kind: 'latency' | 'bandwidth' | 'reset' | 'cut' }

export type Toxics = {
  /** Names of links: `drones`, `order`, `mongo`, ... */
  links: readonly string[]
  /** Makes the link worse until the function that it gives is called. */
  worsen(link: string, toxic: Toxic): Promise<() => Promise<void>>
  /** Every link as it should be. */
  reset(): Promise<void>
}
