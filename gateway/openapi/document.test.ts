import { problems } from '@fleet/contracts/problems'
import { createHealth } from '@fleet/runtime/health'
import { ok, openRoute, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Validator } from '@seriousme/openapi-schema-validator'
import { createFront } from '../front.ts'
import { publicRoutes } from '../routes.ts'
import { idleOptions } from '../testing/idle-options.ts'
import { docsPage } from './docs-page.ts'
import { apiDocument, withDocument } from './document.ts'

const routes = withDocument(publicRoutes(idleOptions))
const document = apiDocument(routes)
const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({ at: `${method.toUpperCase()} ${path}`, operation })),
)

let server: Awaited<ReturnType<typeof startHttp>>
beforeAll(async () => {
  server = await startHttp({
    host: '127.0.0.1',
    port: 0,
    routes,
    authenticate: () => ({ code: 'auth.missing' }),
    before: [...createFront(['*']), docsPage],
    etags: true,
    health: createHealth(),
    log: silentLog(),
  })
})
afterAll(() => server.close())
const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`)

describe('the document of the API', () => {
  it('is valid OpenAPI 3.1, and the validator knows one that is not', async () => {
    expect(await new Validator().validate({ ...structuredClone(document) })).toEqual({ valid: true })
    expect((await new Validator().validate({ ...document, paths: { orders: {} } })).valid).toBe(false)
  })

  it('is what the gateway serves', async () => {
    const response = await get('/openapi.json')

    expect(response.headers.get('content-type')).toContain('application/json')
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(document)))
  })

  it('tells of every route that is served, and of no other', () => {
    const served = routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`)

    expect(operations.map(({ at }) => at).toSorted()).toEqual(served.toSorted())
  })

  it('cannot be made of a route that nobody described, nor without one that is described', () => {
    const undescribed = openRoute('GET /v1/secrets', {}, async () => ok({}))

    expect(() => apiDocument([...routes, undescribed])).toThrow('GET /v1/secrets stands in no table')
    expect(() => apiDocument(routes.slice(1))).toThrow('POST /v1/sessions, which no route answers')
  })

  it('names each operation once, with a tag, what it may answer, and what it takes', () => {
    const ids = operations.map(({ operation }) => operation.operationId)

    expect(new Set(ids).size).toBe(ids.length)
    for (const { operation } of operations) {
      expect(operation).toMatchObject({ tags: [expect.any(String)], summary: expect.any(String) })
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['403', '429', '500']))
    }
  })

  it("tells operators' routes from customers' by their security schemes", () => {
    const schemesOf = (at: string) =>
      operations.find((one) => one.at === at)?.operation.security.flatMap((each: object) => Object.keys(each))

    expect(schemesOf('POST /v1/orders')).toEqual(['customerToken', 'apiKey'])
    expect(schemesOf('POST /v1/drones')).toEqual(['operatorToken'])
    expect(schemesOf('GET /v1/orders/{id}/events')).toEqual([
      'customerToken',
      'apiKey',
      'operatorToken',
      'streamTicket',
    ])
    expect(schemesOf('GET /v1/tracking/{token}')).toEqual([])
  })

  it('has a place for every refusal of the catalogue', () => {
    const told = JSON.stringify(document)
    // Of what no route stands behind: an address that there is not, a method that it does not take.
    const elsewhere = ['route.unknown', 'method.not-allowed']

    expect(Object.keys(problems).filter((code) => !told.includes(`"${code}"`))).toEqual(elsewhere)
  })
})

describe('the page at /docs', () => {
  it('comes with all that it needs from this server, and allows nothing inline and nothing from elsewhere', async () => {
    const page = await get('/docs')
    const html = await page.text()
    const assets = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path ?? '')

    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; script-src 'self'; style-src 'self';/,
    )
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe')
    expect(html).not.toMatch(/https?:|<style|<script>|style=/)
    expect(assets).toHaveLength(3)
    for (const path of assets) expect((await get(path)).status).toBe(200)
    expect((await get('/docs/other')).status).toBe(404)
  })
})
