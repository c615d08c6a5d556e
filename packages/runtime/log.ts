/** Structured logs on standard output: fields first, then stable words. Secrets are removed here, by path. */
import pino from 'pino'

export type Log = pino.Logger

const secrets = ['authorization', 'password', 'token', 'accessToken', 'refreshToken', 'key', 'secret']

/** A logger named after its process. */
export const createLog = (name: string, level: pino.LevelWithSilent = 'info'): Log =>
  pino({
    name,
    level,
    base: { name },
    redact: {
      paths: [...secrets, ...secrets.map((path) => `*.${path}`), '*.headers.authorization'],
      censor: '[removed]',
    },
  })

/** For tests and tools that want no log. */
export const silentLog = (): Log => pino({ level: 'silent' })
