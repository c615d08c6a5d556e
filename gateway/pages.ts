/**
 * The pages: the operations room and the recipient's tracking page, as Vite built them into `dashboard/dist`. What they
 * are is decision 0070; every answer of the gateway, pages included, stands under the policy of front.ts.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { problem, send } from '@fleet/runtime/http'
import type { RequestHandler } from 'express'
import sirv from 'sirv'

/** Where each page's links lead; the page itself reads the rest of the path. */
const operationsPath = /^\/(?:(?:orders|drones|alerts|services|attacks)(?:\/[\w-]{1,80})?\/?)?$/
const trackingPath = /^\/track(?:\/[\w-]{1,80})?\/?$/
/** Its name changes with its content. */
const hashedPath = '/assets/'
const yearS = 31_536_000

export type PageSettings = {
  /** A MapLibre style that draws real tiles; null: the page's own plain base. */
  mapStyleUrl: string | null
  world: { epochMs: number; speed: number }
}

/** Serves the pages in `folder`, and what they must know in `/settings.json`. `nowMs`: real time. */
export function createPages(folder: string, settings: PageSettings, nowMs: () => number): RequestHandler {
  const isBuilt = existsSync(join(folder, 'index.html'))
  const files = isBuilt
    ? sirv(folder, {
        brotli: true,
        gzip: true,
        etag: true,
        setHeaders: (response, path) => {
          const lasts = path.startsWith(hashedPath) ? `public, max-age=${yearS}, immutable` : 'no-cache'
          response.setHeader('cache-control', lasts)
        },
      })
    : undefined

  return (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return next()
    const { path } = request
    if (path === '/settings.json') {
      return void response.set('cache-control', 'no-store').json({ ...settings, nowMs: nowMs() })
    }
    const isPage = operationsPath.test(path) || trackingPath.test(path)
    if (!isPage && !path.startsWith(hashedPath) && path !== '/icon.svg') return next()
    if (files === undefined) {
      const limit = 'npm run build -w gateway/dashboard'
      return send(response, problem({ code: 'service.unavailable', field: 'pages', limit }), path)
    }
    if (isPage) request.url = trackingPath.test(path) ? '/track.html' : '/index.html'
    files(request, response, next)
  }
}
