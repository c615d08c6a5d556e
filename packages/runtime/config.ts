/** Configuration comes from the environment, is parsed once, and every fault is told at once. */
import { z } from 'zod'

export type ConfigFault = { variable: string; problem: string }

/**
 * What `schema` makes of `environment`, or every variable that is wrong and why. Secrets' values are never repeated.
 * A variable that is empty is not set: it must not be taken for the number 0.
 */
export function parseConfig<Schema extends z.ZodType>(
  schema: Schema,
  environment: Record<string, string | undefined>,
): { ok: true; config: z.output<Schema> } | { ok: false; faults: ConfigFault[] } {
  const parsed = schema.safeParse(Object.fromEntries(Object.entries(environment).filter(([, text]) => text !== '')))
  if (parsed.success) return { ok: true, config: parsed.data }
  const faults = parsed.error.issues.map((issue) => ({ variable: issue.path.join('.'), problem: issue.message }))
  return { ok: false, faults }
}

/** Reads the process's environment; prints every fault and ends the process with 1 where there is one. */
export function readConfig<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
  // biome-ignore lint/style/noProcessEnv: the one place that reads it
  const result = parseConfig(schema, process.env)
  if (result.ok) return result.config
  for (const { variable, problem } of result.faults) process.stderr.write(`configuration: ${variable}: ${problem}\n`)
  process.exit(1)
}

/** `a:1,b:2` as a list of host:port. */
export const HostPorts = z
  .string()
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(z.string().regex(/^[^\s:,]+:\d{1,5}$/, 'must be host:port')).min(1))

/** What every process takes; each service extends it. */
export const ProcessConfig = z.object({
  HTTP_HOST: z.string().default('127.0.0.1'),
  HTTP_PORT: z.coerce.number().int().min(0).max(65_535),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  /** World clock: real time unless a demo or a test speeds it up. */
  WORLD_EPOCH_MS: z.coerce.number().int().min(0).default(0),
  WORLD_SPEED: z.coerce.number().min(0.1).max(1_000).default(1),
  /** How long a stopping process may finish what it has in hand; then it leaves anyway. */
  SHUTDOWN_MS_MAX: z.coerce.number().int().min(100).max(60_000).default(10_000),
})

/** What every service takes beside that. */
export const ServiceConfig = ProcessConfig.extend({
  KAFKA_BROKERS: HostPorts,
  /** With the service's own database in its path. */
  MONGO_URI: z.string().regex(/^mongodb(\+srv)?:\/\//, 'must be a mongodb:// URI'),
  TOKEN_PUBLIC_KEY_FILE: z.string().min(1),
  OUTBOX_BATCH_MAX: z.coerce.number().int().min(1).max(5_000).default(500),
})
