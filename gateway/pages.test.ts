import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHealth } from '@fleet/runtime/health'
import { type HttpServer, ok, openRoute, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createFront } from './front.ts'
import { createPages } from './pages.ts'
import { customer } from './testing/doubles.ts'

const folder = mkdtempSync(join(tmpdir(), 'gateway-pages-'))
const world = { epochMs: 5, speed: 10 }
let server: HttpServer
let unbuilt: HttpServer

const serving = (built: string) =>
  startHttp({
    host: '127.0.0.1',
    port: 0,
    health: createHealth(),
    log: silentLog(),
    authenticate: () => customer,
    routes: [openRoute('GET /v1/hello', {}, async () => ok({ hello: 'world' }))],
    before: [
      ...createFront(['*'], ['https://tiles.example']),
      createPages(built, { mapStyleUrl: 'https://tiles.example/style.json', world }, () => 99),
    ],
  })

beforeAll(async () => {
  await mkdir(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), 'the room')
  writeFileSync(join(folder, 'track.html'), 'the recipient')
  writeFileSync(join(folder, 'assets', 'room-1a2b3c4d.js'), 'script')
  server = await serving(folder)
  unbuilt = await serving(join(folder, 'nowhere'))
})
afterAll(async () => {
  await server.close()
  await unbuilt.close()
  rmSync(folder, { recursive: true })
})

const get = (path: string, from = server) => fetch(`http://127.0.0.1:${from.port}${path}`)

describe('the pages', () => {
  it.each([
    ['/', 'the room'],
    ['/orders', 'the room'],
    ['/orders/ord_1a2b', 'the room'],
    ['/drones/drn_1?find=x', 'the room'],
    ['/track/abc-DEF_123', 'the recipient'],
  ])('%s is %s: each selection has an address', async (path, text) => {
    const response = await get(path)

    expect([response.status, await response.text()]).toEqual([200, text])
    expect(response.headers.get('cache-control')).toBe('no-cache')
  })

  it('are kept by browsers where their name changes with their content', async () => {
    const response = await get('/assets/room-1a2b3c4d.js')

    expect(response.headers.get('cache-control')).toContain('immutable')
  })

  it('leave the API, and what is not there, to others', async () => {
    expect(await (await get('/v1/hello')).json()).toEqual({ hello: 'world' })
    for (const path of ['/orders/a/b', '/assets/none.js', '/assets/..%2f..%2fpackage.json', '/elsewhere']) {
      const response = await get(path)
      expect([path, response.status, response.headers.get('content-type')]).toEqual([
        path,
        404,
        expect.stringContaining('problem'),
      ])
    }
  })

  it('are told what they must know before anybody has signed in', async () => {
    const response = await get('/settings.json')

    expect(await response.json()).toEqual({ mapStyleUrl: 'https://tiles.example/style.json', world, nowMs: 99 })
  })

  it('stand under a policy that lets in nothing inline, and asks nobody but us and the map’s own site', async () => {
    const policy = (await get('/')).headers.get('content-security-policy') ?? ''

    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("style-src 'self';")
    expect(policy).toContain("connect-src 'self' https://tiles.example;")
    expect(policy).not.toMatch(/unsafe|\*|http:/)
  })

  it('say how to build them where they are not', async () => {
    const response = await get('/', unbuilt)

    expect([response.status, await response.json()]).toEqual([
      503,
      expect.objectContaining({ field: 'pages', limit: 'npm run build -w gateway/dashboard' }),
    ])
  })
})
