/**
 * The development certificate authority: made at first start, kept with tight file rights in a folder of its own.
 * It signs the brokers' server certificates and the drone hosts' client certificates (ECDSA P-256). Not for production.
 */
import 'reflect-metadata' // @peculiar/x509 needs it to be there first.
import { randomBytes, webcrypto } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'
import { exists } from './provision.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY_MS = 86_400_000
const VALID_DAYS = 365
/** Clocks differ: a certificate is valid from a little before its making. */
const BACKDATE_MS = 5 * 60_000

/** PEM texts: the certificate, and its private key as PKCS 8. */
export type Credentials = { certificate: string; key: string }

export type CertificateAuthority = {
  /** The authority's own certificate, PEM, and the file that holds it. */
  certificate: string
  certificateFile: string
  /** A server certificate for the loopback names and `extraNames` (DNS). */
  issueBroker(name: string, extraNames?: string[]): Promise<Credentials>
  /**
   * A client certificate whose common name is `hostId`, the principal that the brokers see.
   * Throws a RangeError for an id that could be taken for another principal.
   */
  issueHost(hostId: string): Promise<Credentials>
}

/** Opens the authority in `folder`, making it where there is none. `nowMs` is real time, epoch milliseconds. */
export async function openCertificateAuthority(folder: string, nowMs: () => number): Promise<CertificateAuthority> {
  const certificateFile = join(folder, 'ca.crt')
  const keyFile = join(folder, 'ca.key')
  if (!(await exists(certificateFile))) {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const made = await makeAuthority(nowMs())
    await writeSecret(keyFile, made.key)
    await writeFile(certificateFile, made.certificate)
  }
  const certificate = await readFile(certificateFile, 'utf8')
  const issuer = new X509Certificate(certificate)
  const signingKey = await importKey(await readFile(keyFile, 'utf8'))

  async function issue(commonName: string, usage: ExtendedKeyUsage, names: string[]): Promise<Credentials> {
    const keys = await generateKeys()
    const signed = await X509CertificateGenerator.create({
      subject: [{ CN: [commonName] }],
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: ALGORITHM,
      ...validity(nowMs()),
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([usage]),
        ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names.map(toAlternativeName))] : []),
      ],
    })
    return { certificate: signed.toString('pem'), key: await exportKey(keys.privateKey) }
  }

  return {
    certificate,
    certificateFile,
    issueBroker: (name, extraNames = []) =>
      issue(name, ExtendedKeyUsage.serverAuth, ['localhost', '127.0.0.1', ...extraNames]),
    async issueHost(hostId) {
      if (!/^[a-z0-9][a-z0-9._-]{0,62}$/.test(hostId))
        throw new RangeError(
          `hostId '${hostId}' must be 1 to 63 characters of a-z, 0-9, '.', '_' and '-': ANONYMOUS is the name of the inner network.`,
        )
      return issue(hostId, ExtendedKeyUsage.clientAuth, [])
    },
  }
}

/** Writes a file that only its owner can read. */
export async function writeSecret(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 })
}

async function makeAuthority(nowMs: number): Promise<Credentials> {
  const keys = await generateKeys()
  const made = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['drone fleet development authority'] }],
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(nowMs),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
  })
  return { certificate: made.toString('pem'), key: await exportKey(keys.privateKey) }
}

const validity = (nowMs: number) => ({
  serialNumber: `00${randomBytes(15).toString('hex')}`, // A leading zero byte keeps the number positive.
  notBefore: new Date(nowMs - BACKDATE_MS),
  notAfter: new Date(nowMs + VALID_DAYS * DAY_MS),
})

const toAlternativeName = (value: string) => ({
  type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const),
  value,
})

const generateKeys = () => webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])

const exportKey = async (key: webcrypto.CryptoKey) =>
  PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')

const importKey = (pem: string) =>
  webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(pem), ALGORITHM, false, ['sign'])
