/** Ids as Kafka makes them for clusters and folders. */
import { randomBytes } from 'node:crypto'

/** A UUID as Kafka writes it: 16 bytes in base64url. The leading zero bits keep it off the ids that Kafka reserves and off '-'. */
export function randomKafkaUuid(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0] ?? 0) & 0x7f
  return bytes.toString('base64url')
}
