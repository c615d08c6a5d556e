/** User accounts: who may sign in, and as what. */
import { randomBytes } from 'node:crypto'
import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { SignInBody } from '@fleet/contracts/accounts'
import { CustomerId } from '@fleet/contracts/ids'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database } from '@fleet/messaging/database'
import type { Person } from '@fleet/runtime/tokens'
import { Schema } from 'mongoose'
import { z } from 'zod'
import { hashPassword, isPassword, type PasswordHash } from './passwords.ts'

type AccountRow = { _id: string; role: 'customer' | 'operator'; sub: string; password: PasswordHash }

const passwordSchema = new Schema<PasswordHash>(
  { salt: String, hash: String, N: Number, r: Number, p: Number },
  { _id: false },
)
const accountSchema = new Schema<AccountRow>(
  {
    _id: { type: String, required: true },
    role: { type: String, required: true },
    sub: { type: String, required: true },
    password: { type: passwordSchema, required: true },
  },
  { versionKey: false, collection: 'accounts' },
)

export type Accounts = {
  /** The caller that `user` is, or null where there is no such user or the password is another; of those that wait, the highest `priority` first. */
  check(user: string, password: string, priority?: number): Promise<Person | null>
  find(user: string): Promise<Person | null>
  /**
   * Where there are no accounts yet, makes `customer` and `operator`: with the passwords in `file`, or where there is no such
   * file with random ones, which are written to it, readable by its owner alone.
   */
  makeFirst(file: string): Promise<'made' | 'there already'>
}

const callerOf = ({ role, sub }: AccountRow): Person =>
  role === 'customer' ? { role, sub: CustomerId.parse(sub) } : { role, sub }

/** Makes the collection, and gives the store. */
export async function createAccounts(db: Database): Promise<Accounts> {
  const rows = db.connection.model('Account', accountSchema)
  await prepareCollections(rows)
  const find = (user: string) => rows.findById(user).lean()

  return {
    check: async (user, password, priority) => {
      const row = await find(user)
      return (await isPassword(password, row?.password ?? null, priority)) && row !== null ? callerOf(row) : null
    },
    find: async (user) => {
      const row = await find(user)
      return row === null ? null : callerOf(row)
    },
    makeFirst: async (file) => {
      if ((await rows.estimatedDocumentCount()) > 0) return 'there already'
      const given = await readFirst(file)
      const { customer, operator } = given ?? { customer: fresh('customer'), operator: fresh('operator') }
      const made: AccountRow[] = [
        {
          _id: customer.user,
          role: 'customer',
          sub: `cus_${randomBytes(10).toString('hex')}`,
          password: await hashPassword(customer.password),
        },
        { _id: operator.user, role: 'operator', sub: operator.user, password: await hashPassword(operator.password) },
      ]
      // The file before the commit: a crash between leaves passwords without accounts, never accounts without passwords.
      return db.transact(async ({ session }) => {
        if ((await rows.countDocuments({}, { session })) > 0) return 'there already'
        await rows.insertMany(made, { session, lean: true, ordered: true })
        if (given === null) await writePrivate(file, `${JSON.stringify({ customer, operator }, null, 2)}\n`)
        return 'made'
      })
    },
  }
}

const fresh = (user: string) => ({ user, password: randomBytes(15).toString('base64url') })

const Missing = z.object({ code: z.literal('ENOENT') })
const First = z.object({ customer: SignInBody, operator: SignInBody })
async function readFirst(file: string): Promise<z.infer<typeof First> | null> {
  try {
    return First.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (Missing.safeParse(error).success) return null
    throw error
  }
}

async function writePrivate(file: string, text: string): Promise<void> {
  const half = `${file}.half`
  await writeFile(half, text, { mode: 0o600 })
  await chmod(half, 0o600) // A half of an earlier try has its own rights.
  await rename(half, file)
}
