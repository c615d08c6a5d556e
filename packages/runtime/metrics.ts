/** The process's Prometheus registry. A metric is declared once, beside what it measures, and says what a rise means. */
import { collectDefaultMetrics, register } from 'prom-client'

let collecting = false

/** The registry, with Node's own figures (event loop, memory, processor) in it. */
export function metricsRegistry() {
  if (!collecting) collectDefaultMetrics()
  collecting = true
  return register
}
