import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createPortPicker } from './ports.ts'
import { cacheFolder, exists } from './provision.ts'
import { findToxiproxy, startToxiproxy, type Toxiproxy, toxicsAt } from './toxiproxy.ts'

/** Building it takes minutes: the tests use one that is there already. */
const built = join(cacheFolder(), 'toxiproxy-2.5.0')
const isBuilt = await exists(built)

/** How a word to the echo behind `port` and back went: milliseconds, or `broken`. */
async function say(port: number): Promise<number | 'broken'> {
  const sentMs = performance.now()
  const socket = connect(port, '127.0.0.1')
  try {
    return await new Promise((resolve) => {
      socket.on('connect', () => socket.write('word'))
      socket.on('data', () => resolve(performance.now() - sentMs))
      socket.on('error', () => resolve('broken'))
      socket.on('close', () => resolve('broken'))
    })
  } finally {
    socket.destroy()
  }
}

describe('Toxiproxy', () => {
  let echo: Server
  let toxiproxy: Toxiproxy
  let port: number
  let folder: string

  beforeAll(async () => {
    if (!isBuilt) return
    folder = mkdtempSync(join(tmpdir(), 'fleet-toxiproxy-'))
    echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1')
    await once(echo, 'listening')
    const address = echo.address()
    const binary = await findToxiproxy({ cache: cacheFolder(), say: () => undefined })
    const reaper = { watch: () => undefined, forget: () => undefined, close: () => undefined }
    toxiproxy = await startToxiproxy({
      binary,
      pickPort: createPortPicker(process.pid),
      logFolder: folder,
      reaper,
    })
    port = await toxiproxy.through('mongo-1', typeof address === 'object' && address !== null ? address.port : 0)
  })
  afterAll(async () => {
    if (!isBuilt) return
    await toxiproxy.stop()
    echo.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const whereBuilt = isBuilt ? it : it.skip

  whereBuilt('leads through a link by its name, makes it worse, and mends it', async () => {
    expect(await toxiproxy.links()).toEqual(['mongo-1'])
    expect(await say(port)).not.toBe('broken')

    const mendDelay = await toxiproxy.worsen('mongo-1', { kind: 'latency', ms: 400 })
    expect(await say(port)).toBeGreaterThan(500)
    await mendDelay()

    const mendCut = await toxiproxy.worsen('mongo-1', { kind: 'cut' })
    expect(await say(port)).toBe('broken')
    await mendCut()

    const mendReset = await toxiproxy.worsen('mongo-1', { kind: 'reset', ms: 0 })
    expect(await say(port)).toBe('broken')
    await mendReset()
    expect(await say(port)).not.toBe('broken')
  })

  whereBuilt('knows no link that is not there', async () => {
    await expect(toxiproxy.worsen('moon', { kind: 'cut' })).rejects.toThrow('there is no link moon: mongo-1')
  })

  it('is told as absent where none serves', async () => {
    expect(await toxicsAt('http://127.0.0.1:1')).toBeUndefined()
  })
})
