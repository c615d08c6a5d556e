import { describe, expect, it } from '@jest/globals'
import { startRegistryView } from './registry-view.ts'
import { type Bench, openBench, silent, until } from './testing/bench.ts'

const entry = (type: 'drone.enrolled' | 'drone.revoked' | 'drone.painted', seq: number, keyVersion = 1) =>
  JSON.stringify({
    id: `msg_${seq}`,
    type,
    version: 1,
    at: 1,
    key: 'drn_1',
    seq,
    correlationId: 'test',
    causationId: 'test',
    data: {
      droneId: 'drn_1',
      name: 'one',
      hostId: 'host-1',
      keyVersion,
      baseId: 'bas_1',
      enrolledAtMs: 0,
      revokedAtMs: 0,
    },
  })

const view = async (bench: Bench, topic: string) =>
  bench.own(await startRegistryView({ kafka: bench.kafka, name: bench.group, log: silent, topic }))

describe('the view of the drone registry', () => {
  it('holds at its start what stands in the topic, and reads on when asked to', async () => {
    await using bench = await openBench('registry.reads')
    const { name } = await bench.makeTopic({ partitions: 2 })
    await bench.produce(name, [entry('drone.enrolled', 1), entry('drone.painted', 2), entry('drone.enrolled', 3, 2)])

    const registry = await view(bench, name)

    expect(registry.get('drn_1')).toMatchObject({ keyVersion: 2, revokedAppendedAtMs: null })
    await bench.produce(name, [entry('drone.revoked', 4, 2)])
    await registry.catchUp()
    expect(registry.get('drn_1')?.revokedAppendedAtMs).toBeGreaterThan(0)
    expect(registry.get('drn_2')).toBeUndefined()
  })

  it('does not bring a revoked drone back when a late relay repeats its enrolment', async () => {
    await using bench = await openBench('registry.late')
    const { name } = await bench.makeTopic()
    await bench.produce(name, [entry('drone.enrolled', 1), entry('drone.revoked', 2), entry('drone.enrolled', 1)])

    const registry = await view(bench, name)

    expect(registry.get('drn_1')?.revokedAppendedAtMs).toBeGreaterThan(0)
  })

  it('says so where an entry cannot be read, rather than trust without it', async () => {
    await using bench = await openBench('registry.broken')
    const { name } = await bench.makeTopic()
    const registry = await view(bench, name)

    await bench.produce(name, ['{"half":'])

    await until('the view to say so', () => registry.problem()?.includes('cannot be read') === true)
  })
})
