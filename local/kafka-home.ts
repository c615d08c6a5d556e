/** Where the broker's jars and the Java that runs them are; fetched once per user with Maven, pinned by kafka/pom.xml. */
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runCommand } from './command.ts'
import { Missing, provisionOnce, type Say } from './provision.ts'

export const KAFKA_VERSION = '4.1.0'
const JAVA_MAJOR_MIN = 17
/** Measured: 54 MB of jars and 78 MB in Maven's own repository. */
const NEED_BYTES = 200e6
const MAVEN_TIMEOUT_MS = 10 * 60_000
const POM = join(dirname(fileURLToPath(import.meta.url)), 'kafka', 'pom.xml')

export type KafkaHome = { java: string; javaVersion: string; libs: string }

export type KafkaHomeOptions = {
  cache: string
  kafkaHome?: string | undefined
  javaHome?: string | undefined
  say: Say
}

/**
 * Finds or fetches what a broker needs. `kafkaHome` (an unpacked Kafka) wins where set.
 * Refuses with {@link Missing}, naming the thing and how to get it: no Java 17, no Maven, too little disk, no network.
 */
export async function findKafkaHome({ cache, kafkaHome, javaHome, say }: KafkaHomeOptions): Promise<KafkaHome> {
  const java = javaHome ? join(javaHome, 'bin', 'java') : 'java'
  const javaVersion = await requireJava(java)
  if (kafkaHome) {
    const libs = join(kafkaHome, 'libs')
    const jars = await readdir(libs).catch(() => [])
    if (!jars.some((name) => name.startsWith('kafka-clients-')))
      throw new Missing(
        `KAFKA_HOME is ${kafkaHome}, but ${libs} has no kafka-clients jar: unset it, or point it at an unpacked Kafka ${KAFKA_VERSION}.`,
      )
    return { java, javaVersion, libs }
  }
  const libs = await provisionOnce({
    folder: join(cache, `kafka-${KAFKA_VERSION}`),
    needBytes: NEED_BYTES,
    what: `Kafka ${KAFKA_VERSION}`,
    build: (folder) => copyJars(folder, say),
    say,
  })
  return { java, javaVersion, libs }
}

async function requireJava(java: string): Promise<string> {
  const { stderr, stdout, failed } = await runCommand(java, ['-version'], { timeoutMs: 20_000 })
  const version = /version "([^"]+)"/.exec(`${stderr}${stdout}`)?.[1]
  if (failed === 'not-found' || version === undefined)
    throw new Missing(
      `Java ${JAVA_MAJOR_MIN} or newer is needed to run Kafka, and there is no '${java}': install one (on Debian: apt-get install openjdk-17-jre-headless) or set JAVA_HOME.`,
    )
  if (Number.parseInt(version, 10) < JAVA_MAJOR_MIN)
    throw new Missing(
      `Java ${JAVA_MAJOR_MIN} or newer is needed to run Kafka, and '${java}' is ${version}: install a newer one or set JAVA_HOME.`,
    )
  return version
}

async function copyJars(folder: string, say: Say): Promise<void> {
  say(`kafka: fetching Kafka ${KAFKA_VERSION} with Maven (about 130 MB, once)`)
  const progress = setInterval(async () => {
    const jars = await readdir(folder).catch(() => [])
    say(`kafka: still fetching, ${jars.length} of about 93 jars in place`)
  }, 5_000)
  const goal = [
    '-B',
    '-ntp',
    '-q',
    '-f',
    POM,
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${folder}`,
  ]
  const result = await runCommand('mvn', goal, { timeoutMs: MAVEN_TIMEOUT_MS }).finally(() => clearInterval(progress))
  if (result.failed === 'not-found')
    throw new Missing(
      `Maven is needed to fetch Kafka ${KAFKA_VERSION}, and there is no 'mvn': install it (on Debian: apt-get install maven), or set KAFKA_HOME to an unpacked Kafka.`,
    )
  if (result.failed !== undefined) {
    const reason = /\[ERROR\] (.*)/.exec(result.stdout)?.[1] ?? result.failed
    throw new Missing(
      `Maven could not fetch Kafka ${KAFKA_VERSION} (${reason}): check the network and Maven's settings, or set KAFKA_HOME to an unpacked Kafka.`,
    )
  }
  say(`kafka: Kafka ${KAFKA_VERSION} is in place`)
}
