/** Makes one replica set of the containers' members, and in it a user for each service. Saying it twice changes nothing. */
import { type Db, MongoClient, MongoServerError } from 'mongodb'
import type { z } from 'zod'
import type { MongoSetup } from './docker-keys.ts'
import { type Credentials, mongoUri, REPLICA_SET, REPLICA_SET_SETTINGS } from './mongo-uri.ts'
import { waitUntil } from './wait.ts'

const PRIMARY_TIMEOUT_MS = 60_000
const ALREADY_INITIALIZED = 23

/** The first of `hosts` holds the root user, which its image made. */
export async function setUpReplicaSet(hosts: string[], { root, users }: z.infer<typeof MongoSetup>): Promise<void> {
  await initiateReplicaSet(hosts, { user: 'root', password: root })
  const client = new MongoClient(mongoUri(hosts, 'admin', { user: 'root', password: root }), {
    serverSelectionTimeoutMS: PRIMARY_TIMEOUT_MS,
  })
  try {
    const admin = client.db('admin')
    for (const { user, password, database } of users) await allow(admin, user, password, database)
  } finally {
    await client.close()
  }
}

/** Makes one set of `hosts` (`host:port`), and returns once all of them are in it. `root`: of the first, where it asks for one. */
export async function initiateReplicaSet(hosts: string[], root?: Credentials): Promise<void> {
  const [first = ''] = hosts
  const who = root === undefined ? '' : `${root.user}:${root.password}@`
  const uri = `mongodb://${who}${first}/?directConnection=true${root === undefined ? '' : '&authSource=admin'}`
  await waitUntil(
    `${first} to make the replica set`,
    async () => {
      await using client = await new MongoClient(uri, { serverSelectionTimeoutMS: 2_000 }).connect()
      const config = {
        _id: REPLICA_SET,
        members: hosts.map((host, i) => ({ _id: i, host, priority: i === 0 ? 2 : 1 })),
        settings: REPLICA_SET_SETTINGS,
      }
      try {
        await client.db('admin').command({ replSetInitiate: config })
      } catch (error) {
        if (error instanceof MongoServerError && error.code === ALREADY_INITIALIZED) return true
        throw error // Not all members answer yet.
      }
      return true
    },
    { timeoutMs: PRIMARY_TIMEOUT_MS, everyMs: 500 },
  )
}

/** A service reads and writes its own database, and sees no other. */
async function allow(admin: Db, user: string, password: string, database: string): Promise<void> {
  const rights = { pwd: password, roles: [{ role: 'readWrite', db: database }] }
  const { users } = await admin.command({ usersInfo: user })
  await admin.command({ [users.length > 0 ? 'updateUser' : 'createUser']: user, ...rights })
}
