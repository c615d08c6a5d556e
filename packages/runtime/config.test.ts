import { describe, expect, it } from '@jest/globals'
import { HostPorts, ProcessConfig, parseConfig, ServiceConfig } from './config.ts'

const sound = {
  HTTP_PORT: '8081',
  KAFKA_BROKERS: '127.0.0.1:19092, localhost:19093',
  MONGO_URI: 'mongodb://127.0.0.1/fleet_order',
  TOKEN_PUBLIC_KEY_FILE: 'token.pub',
}

describe('the configuration', () => {
  it('fills in its defaults and parses lists and numbers', () => {
    const result = parseConfig(ServiceConfig, sound)

    expect(result).toMatchObject({
      ok: true,
      config: {
        HTTP_PORT: 8081,
        HTTP_HOST: '127.0.0.1',
        WORLD_SPEED: 1,
        SHUTDOWN_MS_MAX: 10_000,
        KAFKA_BROKERS: ['127.0.0.1:19092', 'localhost:19093'],
      },
    })
  })

  it('tells every fault at once, by the name of its variable', () => {
    const result = parseConfig(ServiceConfig, {
      HTTP_PORT: '70000',
      LOG_LEVEL: 'loud',
      KAFKA_BROKERS: 'nowhere',
      MONGO_URI: 'postgres://x',
    })

    const faults = result.ok ? [] : result.faults.map(({ variable }) => variable.split('.')[0])
    expect(faults.sort()).toEqual(['HTTP_PORT', 'KAFKA_BROKERS', 'LOG_LEVEL', 'MONGO_URI', 'TOKEN_PUBLIC_KEY_FILE'])
  })

  it('does not repeat a value, which may be a secret', () => {
    const result = parseConfig(ServiceConfig, { ...sound, MONGO_URI: 'mongo://user:hunter2@host' })

    expect(result.ok).toBe(false)
    expect(JSON.stringify(result)).not.toContain('hunter2')
  })

  it.each(['', 'host', 'host:', 'a:1,,b:2', 'a b:1'])('refuses "%s" as a list of brokers', (text) => {
    expect(HostPorts.safeParse(text).success).toBe(false)
  })

  it('does not take an empty port for port 0', () => {
    expect(parseConfig(ProcessConfig, { HTTP_PORT: '' }).ok).toBe(false)
  })
})
