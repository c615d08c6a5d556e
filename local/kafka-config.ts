/** The brokers' configuration, one properties file each. */

/** `droneAdvertised`: what drones are told to connect to, where that is not the port itself (a proxy before it). */
export type BrokerPorts = { inner: number; drone: number; droneAdvertised?: number; controller: number }

export type BrokerConfigOptions = {
  nodeId: number
  /** Of all brokers, in the order of their ids (1, 2, ...). */
  ports: BrokerPorts[]
  dataFolder: string
  /** PEM: the broker's key and certificate in one file, and the authority's certificate. */
  keyStoreFile: string
  trustStoreFile: string
}

const HOST = '127.0.0.1'

/** The text of `server.properties` of broker `nodeId`. */
export function brokerConfig({ nodeId, ports, dataFolder, keyStoreFile, trustStoreFile }: BrokerConfigOptions): string {
  const own = ports[nodeId - 1]
  if (own === undefined) throw new RangeError(`nodeId ${nodeId} has no ports: there are ${ports.length} brokers.`)
  return properties({
    'process.roles': 'broker,controller',
    'node.id': nodeId,
    'controller.quorum.voters': ports.map(({ controller }, i) => `${i + 1}@${HOST}:${controller}`).join(','),
    listeners: `INNER://${HOST}:${own.inner},DRONES://${HOST}:${own.drone},CONTROLLER://${HOST}:${own.controller}`,
    'advertised.listeners': `INNER://${HOST}:${own.inner},DRONES://${HOST}:${own.droneAdvertised ?? own.drone}`,
    ...commonSettings({ brokers: ports.length, dataFolder, keyStoreFile, trustStoreFile }),
  })
}

export type CommonOptions = Pick<BrokerConfigOptions, 'dataFolder' | 'keyStoreFile' | 'trustStoreFile'> & {
  /** How many there are in the cluster. */
  brokers: number
}

/** What does not depend on where a broker listens: the text of a `server.properties` that lacks its addresses and its id. */
export const commonBrokerConfig = (options: CommonOptions): string => properties(commonSettings(options))

function commonSettings({ brokers, dataFolder, keyStoreFile, trustStoreFile }: CommonOptions) {
  const replicas = Math.min(3, brokers)
  const inSync = replicas === 3 ? 2 : 1
  return {
    'listener.security.protocol.map': 'INNER:PLAINTEXT,DRONES:SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'INNER',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': dataFolder,

    // Who may do what. Whoever reaches the loopback listeners is one of us; a drone host is the CN of its certificate,
    // and may do what its ACLs say. A certificate with any other name is refused: the mapping has no DEFAULT rule.
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'allow.everyone.if.no.acl.found': false,
    'listener.name.drones.ssl.client.auth': 'required',
    'listener.name.drones.ssl.principal.mapping.rules': 'RULE:^CN=([a-z0-9][a-z0-9._-]*)$/$1/',
    'listener.name.drones.ssl.keystore.type': 'PEM',
    'listener.name.drones.ssl.keystore.location': keyStoreFile,
    'listener.name.drones.ssl.truststore.type': 'PEM',
    'listener.name.drones.ssl.truststore.location': trustStoreFile,
    'listener.name.drones.ssl.enabled.protocols': 'TLSv1.3',

    // What is kept, and on how many brokers.
    'auto.create.topics.enable': false,
    'num.partitions': 6,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': 6,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'transaction.state.log.num.partitions': 6,
    'log.message.timestamp.type': 'LogAppendTime',
    // Whatever a drone compresses with: what readers cannot unpack would stop them all.
    'compression.type': 'uncompressed',
    'unclean.leader.election.enable': false,

    // Failing over fast: decision 0081. A quorum that has lost its leader chooses another first, and that one gives a dead broker
    // its whole session anew.
    'controller.quorum.fetch.timeout.ms': 1500,
    'controller.quorum.election.timeout.ms': 500,
    'controller.quorum.election.backoff.max.ms': 200,
    'broker.session.timeout.ms': 2500,
    'broker.heartbeat.interval.ms': 500,
    'group.min.session.timeout.ms': 1000,
    'group.initial.rebalance.delay.ms': 0,
    'controlled.shutdown.enable': true,

    // Small: three of them share two cores with everything else.
    'num.network.threads': 2,
    'num.io.threads': 4,
    'background.threads': 2,
    'log.cleaner.dedupe.buffer.size': 16 * 1024 * 1024,
    'num.recovery.threads.per.data.dir': 2,
  }
}

const properties = (entries: Record<string, string | number | boolean>) =>
  Object.entries(entries)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
