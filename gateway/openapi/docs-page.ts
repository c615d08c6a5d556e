/**
 * `/docs`: the document as a page to browse and try. Swagger UI from its package, served by ourselves, under a policy that
 * lets in nothing from elsewhere and nothing inline. It is no part of the API: it calls what the document tells of.
 */
import { createRequire } from 'node:module'
import type { RequestHandler } from 'express'

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Swagger UI's own icons stand in its style sheet.
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Drone delivery fleet: the API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`
/** Without a validator: the page asks nobody else. */
const start = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true, validatorUrl: null })\n`

const { resolve } = createRequire(import.meta.url)
const assets = new Map(
  ['swagger-ui.css', 'swagger-ui-bundle.js'].map((name) => [`/docs/${name}`, resolve(`swagger-ui-dist/${name}`)]),
)

export const docsPage: RequestHandler = (request, response, next) => {
  const { path, method } = request
  if ((path !== '/docs' && !path.startsWith('/docs/')) || (method !== 'GET' && method !== 'HEAD')) return next()
  response.set({ 'content-security-policy': policy, 'cache-control': 'public, max-age=3600' })
  const file = assets.get(path)
  if (file !== undefined) return response.sendFile(file)
  if (path === '/docs' || path === '/docs/') return void response.type('html').send(page)
  if (path === '/docs/start.js') return void response.type('js').send(start)
  return next()
}
