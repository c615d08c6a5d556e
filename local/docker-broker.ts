/** What a broker of the official image starts from: one folder of files, the same in the composes and in tests' containers. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Credentials } from './certificate-authority.ts'
import { BROKER_KEYS } from './docker-layout.ts'
import { commonBrokerConfig } from './kafka-config.ts'
import { REPOSITORY } from './processes.ts'

const BROKER_DATA = '/var/lib/kafka/data'

export type BrokerFilesOptions = Credentials & {
  /** How many there are in the cluster. */
  brokers: number
  clusterId: string
  /** PEM of the authority that signs the drone hosts. */
  ca: string
}

/** Name and text of each file; `start` is run by bash. */
export async function brokerFiles({ brokers, clusterId, ca, certificate, key }: BrokerFilesOptions) {
  const config = { brokers, dataFolder: BROKER_DATA }
  const stores = { keyStoreFile: join(BROKER_KEYS, 'broker.pem'), trustStoreFile: join(BROKER_KEYS, 'ca.pem') }
  return {
    start: await readFile(join(REPOSITORY, 'docker', 'kafka', 'start'), 'utf8'),
    'server.properties': commonBrokerConfig({ ...config, ...stores }),
    'log4j2.properties': await readFile(join(REPOSITORY, 'local', 'kafka', 'log4j2.properties'), 'utf8'),
    'broker.pem': `${key}\n${certificate}\n`,
    'ca.pem': ca,
    'cluster-id': clusterId,
  }
}
