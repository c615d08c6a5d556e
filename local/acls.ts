/** What a drone host may do at the brokers: write two topics, read two, in groups that begin with its own name. */
import kafkajs, { type AclEntry, type Admin } from 'kafkajs'

// Node sees these names of a CommonJS module on its default export alone.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs

const WRITES = ['drone.positions', 'drone.reports']
const READS = ['itineraries', 'drone.commands']

/** Allows the host what promise 5 gives it, and nothing else. Saying it twice changes nothing. */
export async function allowHost(admin: Admin, hostId: string): Promise<void> {
  await admin.createAcls({ acl: hostAcls(hostId) })
}

/** The access list of one host; all else is denied by default. */
export function hostAcls(hostId: string): AclEntry[] {
  const entry = (
    resourceType: AclEntry['resourceType'],
    resourceName: string,
    operation: AclEntry['operation'],
  ): AclEntry => ({
    principal: `User:${hostId}`,
    host: '*',
    permissionType: AclPermissionTypes.ALLOW,
    resourceType,
    resourceName,
    resourcePatternType:
      resourceType === AclResourceTypes.GROUP ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
    operation,
  })
  return [
    ...WRITES.flatMap((topic) => [
      entry(AclResourceTypes.TOPIC, topic, AclOperationTypes.WRITE),
      entry(AclResourceTypes.TOPIC, topic, AclOperationTypes.DESCRIBE),
    ]),
    ...READS.map((topic) => entry(AclResourceTypes.TOPIC, topic, AclOperationTypes.READ)),
    entry(AclResourceTypes.GROUP, hostId, AclOperationTypes.READ),
  ]
}
