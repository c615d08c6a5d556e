/** Which member of the replica set is its primary now. */
import { MongoClient } from 'mongodb'
import type { StackInfo } from './stack-info.ts'

const selectionMsMax = 15_000

/** The members' names as in stack.json, the primary first. Rejects where there is none within the bound. */
export async function membersByRole({ mongo, parts }: StackInfo): Promise<{ primary: string; secondaries: string[] }> {
  await using client = await new MongoClient(mongo, { serverSelectionTimeoutMS: selectionMsMax }).connect()
  const hello = await client.db('admin').command({ hello: 1 })
  const hosts = (/^mongodb:\/\/(?:[^@/]*@)?([^/?]+)/.exec(mongo)?.[1] ?? '').split(',')
  const primary = `mongo-${hosts.indexOf(String(hello.primary)) + 1}`
  const members = Object.keys(parts).filter((name) => name.startsWith('mongo-'))
  return { primary, secondaries: members.filter((name) => name !== primary) }
}
