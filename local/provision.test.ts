import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { findKafkaHome } from './kafka-home.ts'
import { findMongod } from './mongod-binary.ts'
import { Missing, provisionOnce } from './provision.ts'

let cache: string
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'provision-test-'))
})
afterEach(() => rm(cache, { recursive: true, force: true }))

const say = () => undefined
const thing = (build: (folder: string) => Promise<void>, needBytes = 1) =>
  provisionOnce({ folder: join(cache, 'thing'), what: 'a thing', needBytes, build, say })

describe('provisioning', () => {
  it('builds once where two ask at the same time', async () => {
    let builds = 0
    const build = async (folder: string) => {
      builds++
      await writeFile(join(folder, 'part'), 'x')
    }

    const folders = await Promise.all([thing(build), thing(build)])

    expect(builds).toBe(1)
    expect(new Set(folders)).toEqual(new Set([join(cache, 'thing')]))
  })

  it('leaves nothing behind where a build fails', async () => {
    const build = async (folder: string) => {
      await writeFile(join(folder, 'half'), 'x')
      throw new Error('the line was cut')
    }

    await expect(thing(build)).rejects.toThrow('the line was cut')

    expect(await readdir(cache)).toEqual([])
  })

  it('refuses a disk that is too small, saying how much is needed and how to go on', async () => {
    const build = () => Promise.resolve()

    await expect(thing(build, 1e18)).rejects.toThrow(/needs 1000000000000 MB of disk .* XDG_CACHE_HOME/)
  })
})

describe('what a machine lacks', () => {
  it('names Java and how to get it', async () => {
    const found = findKafkaHome({ cache, javaHome: join(cache, 'no-java'), say })

    await expect(found).rejects.toThrow(/Java 17 or newer is needed .* apt-get install openjdk-17-jre-headless/)
  })

  it('names a KAFKA_HOME that holds no Kafka', async () => {
    const found = findKafkaHome({ cache, kafkaHome: cache, say })

    await expect(found).rejects.toThrow(/KAFKA_HOME .* has no kafka-clients jar/)
  })

  it('names a mongod that does not run', async () => {
    const found = findMongod({ cache, systemBinary: join(cache, 'mongod'), say })

    await expect(found).rejects.toThrow(Missing)
  })
})
