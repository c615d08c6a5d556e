/** How many positions the brokers hold, whatever any service says of them. */
import { topics } from '@fleet/contracts/topics'
import { Kafka } from '@fleet/messaging/kafkajs'
import { logLevel } from 'kafkajs'

/** Records in `drone.positions`, at the brokers `bootstrap` (`host:port,host:port`). */
export async function recordsIn(bootstrap: string): Promise<number> {
  const admin = new Kafka({ brokers: bootstrap.split(','), logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    const partitions = await admin.fetchTopicOffsets(topics.dronePositions.name)
    return partitions.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0)
  } finally {
    await admin.disconnect()
  }
}
