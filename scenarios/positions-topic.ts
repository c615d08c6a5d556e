/** How many positions the brokers hold, whatever any service says of them. */
import { topics } from '@fleet/contracts/topics'
import { withAdmin } from '@fleet/local/kafka-admin'

/** Records in `drone.positions`, at the brokers `bootstrap` (`host:port,host:port`). */
export async function recordsIn(bootstrap: string): Promise<number> {
  const partitions = await withAdmin(bootstrap.split(','), (admin) =>
    admin.fetchTopicOffsets(topics.dronePositions.name),
  )
  return partitions.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0)
}
