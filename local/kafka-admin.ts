/** One admin connection to the brokers' inner listener, closed after use. */
import { Kafka } from '@fleet/messaging/kafkajs'
import { type Admin, logLevel } from 'kafkajs'

/** Runs `work` with a connected admin client, and gives what it gives. Retries are kafkajs's own, about five seconds. */
export async function withAdmin<T>(brokers: string[], work: (admin: Admin) => Promise<T>): Promise<T> {
  const kafka = new Kafka({ clientId: 'local', brokers, logLevel: logLevel.NOTHING, connectionTimeout: 2000 })
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}
