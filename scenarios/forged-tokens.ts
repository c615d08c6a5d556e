/** Tokens that nobody may be let in with: each has one thing wrong, and all else as the gateway signs it. */
import { createHmac, generateKeyPairSync } from 'node:crypto'
import jwt from 'jsonwebtoken'

const strangerKey = () =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).privateKey

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

export type KeyPair = { privateKey: string; publicKey: string }

/** What is wrong → the token, for an operator. `sound` is the one that is as it should be. */
export function forgedTokens({ privateKey, publicKey }: KeyPair): { sound: string; forged: Record<string, string> } {
  const issued = jwt.sign({ role: 'operator' }, privateKey, {
    algorithm: 'ES256',
    subject: 'operator',
    issuer: 'drone-delivery-gateway',
    audience: 'drone-delivery-services',
    expiresIn: 600,
  })
  const decoded = jwt.decode(issued, { json: true }) ?? {}
  const { exp = 0, ...claims } = decoded
  const sign = (payload: object, key = privateKey) => jwt.sign(payload, key, { algorithm: 'ES256' })
  const unsigned = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ ...claims, exp })}`
  const [head = '', , signature = ''] = issued.split('.')
  return {
    sound: issued,
    forged: {
      'no algorithm': `${part({ alg: 'none', typ: 'JWT' })}.${part({ ...claims, exp })}.`,
      'our public key as a shared secret': `${unsigned}.${createHmac('sha256', publicKey).update(unsigned).digest('base64url')}`,
      'a wrong key': sign({ ...claims, exp }, strangerKey()),
      'a wrong issuer': sign({ ...claims, exp, iss: 'somebody' }),
      'a wrong audience': sign({ ...claims, exp, aud: 'others' }),
      'an old date': sign({ ...claims, exp: 1_000_000_000 }),
      'a payload that was not signed': `${head}.${part({ ...claims, exp, sub: 'root' })}.${signature}`,
    },
  }
}
