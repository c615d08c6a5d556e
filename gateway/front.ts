/** What every answer of the gateway has, whichever route it comes from: security headers, CORS, compression. */
import compression from 'compression'
import cors from 'cors'
import type { RequestHandler } from 'express'
import helmet from 'helmet'

/** What a browser's script may read beside the body. */
const exposed = ['etag', 'location', 'retry-after', 'age', 'x-correlation-id', 'ratelimit', 'ratelimit-policy', 'allow']
const asked = ['authorization', 'content-type', 'idempotency-key', 'if-none-match', 'last-event-id', 'x-correlation-id']
const compressedBytesMin = 2_048
const preflightS = 600

/** What a page may do. `mapOrigins`: where real map tiles come from; else a page asks nobody but us. */
const contentSecurityPolicy = (mapOrigins: readonly string[]) => ({
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'worker-src': ["'self'"],
    'font-src': ["'self'"],
    'img-src': ["'self'", 'data:', 'blob:', ...mapOrigins],
    'connect-src': ["'self'", ...mapOrigins],
    'base-uri': ["'none'"],
    'form-action': ["'self'"],
    'frame-ancestors': ["'none'"],
  },
})

/**
 * `origins`: which sites' scripts may call; `*` is safe, since no answer allows another site's script to send a cookie,
 * and the one cookie that is a credential is taken on its own routes alone (browser-sessions.ts).
 */
export function createFront(origins: readonly string[], mapOrigins: readonly string[] = []): RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: contentSecurityPolicy(mapOrigins),
      crossOriginResourcePolicy: { policy: 'cross-origin' },
    }),
    cors({
      origin: origins.includes('*') ? '*' : [...origins],
      methods: ['GET', 'HEAD', 'POST', 'DELETE'],
      allowedHeaders: asked,
      exposedHeaders: exposed,
      maxAge: preflightS,
    }),
    compression({
      threshold: compressedBytesMin,
      // A compressed stream would hold events back until its buffer is full.
      filter: (request, response) =>
        !String(response.getHeader('content-type')).startsWith('text/event-stream') &&
        compression.filter(request, response),
    }),
  ]
}
