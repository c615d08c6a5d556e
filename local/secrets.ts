/** The local stack's own secrets: made at first start, each in a file that only its owner reads, never in the tree. */
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeSecret } from './certificate-authority.ts'
import { exists } from './provision.ts'

export type StackSecrets = {
  /** PEM files of the gateway's token key pair (ES256): the gateway signs, the services verify. */
  tokenPrivateKeyFile: string
  tokenPublicKeyFile: string
  /** Hex text of 32 bytes, from which each drone's MAC key is derived. */
  fleetSecretFile: string
}

/** Opens the secrets in `folder`, making those that are missing. */
export async function openSecrets(folder: string): Promise<StackSecrets> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const files = {
    tokenPrivateKeyFile: join(folder, 'token.key'),
    tokenPublicKeyFile: join(folder, 'token.pub'),
    fleetSecretFile: join(folder, 'fleet-secret'),
  }
  if (!(await exists(files.tokenPublicKeyFile))) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    })
    await writeSecret(files.tokenPrivateKeyFile, privateKey)
    await writeSecret(files.tokenPublicKeyFile, publicKey) // Last: it stands for the pair.
  }
  if (!(await exists(files.fleetSecretFile))) await writeSecret(files.fleetSecretFile, randomBytes(32).toString('hex'))
  return files
}

/** The text of a secret's file, without the line end that an editor may have added. */
export const readSecret = async (file: string): Promise<string> => (await readFile(file, 'utf8')).trim()
