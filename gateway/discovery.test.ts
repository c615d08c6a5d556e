import { mkdtemp, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { silentLog } from '@fleet/runtime/log'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createBalancer } from './balancer.ts'
import { type Discovery, ServiceAddress, startDiscovery } from './discovery.ts'
import { breakerLimits } from './instance.ts'
import { listed } from './testing/doubles.ts'

const open: Discovery[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})
async function found(address: string, rest: Partial<Parameters<typeof startDiscovery>[0]> = {}): Promise<Discovery> {
  const discovery = await startDiscovery({ name: 'order', address, log: silentLog(), everyMs: 10, ...rest })
  open.push(discovery)
  return discovery
}
const soon = async (holds: () => boolean) => {
  const untilMs = performance.now() + 5_000
  while (!holds()) {
    if (performance.now() > untilMs) throw new Error('it did not come to hold')
    await wait(5)
  }
}

describe('discovery', () => {
  it('takes a list of addresses as it is', async () => {
    const { instances } = await found('http://10.0.0.2:8081, http://10.0.0.1:8081/')

    expect(instances()).toEqual(['http://10.0.0.1:8081', 'http://10.0.0.2:8081'])
  })

  it('asks DNS for all addresses of a name, again and again, and keeps what it knew while there is no answer', async () => {
    const answers: (string[] | Error)[] = [['10.0.0.1'], new Error('no answer'), ['10.0.0.1', 'fd00::2']]
    let asked = 0
    const resolve = async () => {
      const answer = answers[Math.min(asked, answers.length - 1)] ?? []
      asked += 1
      if (answer instanceof Error) throw answer
      return answer
    }

    const { instances } = await found('http://order:8081', { resolve })

    expect(instances()).toEqual(['http://10.0.0.1:8081'])
    await soon(() => instances().length === 2)
    expect(instances()).toEqual(['http://10.0.0.1:8081', 'http://[fd00::2]:8081'])
  })

  it('reads a list file anew when it is replaced', async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'discovery-')), 'order.list')
    await writeFile(file, '# order\nhttp://127.0.0.1:9001\n')
    const { instances } = await found(pathToFileURL(file).toString())

    await writeFile(`${file}.half`, 'http://127.0.0.1:9001\nhttp://127.0.0.1:9002\n')
    await rename(`${file}.half`, file)

    await soon(() => instances().length === 2)
  })

  it('is refused in the configuration where it is neither', () => {
    expect(ServiceAddress.safeParse('ftp://order').success).toBe(false)
    expect(ServiceAddress.safeParse('').success).toBe(false)
  })
})

describe('the balancer', () => {
  it('asks the instance with the least under way, goes round among equals, and forgets who left', async () => {
    const discovery = listed('http://127.0.0.1:1', 'http://127.0.0.1:2')
    const balancer = createBalancer({ service: 'order', discovery, limits: breakerLimits, onChange: () => undefined })
    const never = new AbortController()

    const round = [1, 2, 3, 4].map(() => balancer.pick(new Set())?.url)
    const busy = balancer.pick(new Set())
    const until = { left: never.signal, bound: never.signal }
    const running = busy?.run((signal) => new Promise((_, reject) => signal.addEventListener('abort', reject)), until)
    const idle = [1, 2, 3].map(() => balancer.pick(new Set())?.url)

    expect(new Set(round).size).toBe(2)
    expect(new Set(idle)).toEqual(new Set(discovery.instances().filter((url) => url !== busy?.url)))
    never.abort()
    await expect(running).rejects.toThrow()
    discovery.set('http://127.0.0.1:1')
    expect(balancer.health().instances.map(({ url }) => url)).toEqual(['http://127.0.0.1:1'])
    await balancer.close()
  })
})
