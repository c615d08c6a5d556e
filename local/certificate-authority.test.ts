import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openCertificateAuthority } from './certificate-authority.ts'

const NOW_MS = Date.UTC(2026, 0, 1)
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'authority-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = () => openCertificateAuthority(join(folder, 'ca'), () => NOW_MS)

describe('the development certificate authority', () => {
  it('signs host certificates whose common name is the host and which serve clients alone', async () => {
    const authority = await open()

    const { certificate, key } = await authority.issueHost('host-falcon')

    const parsed = new X509Certificate(certificate)
    expect(parsed.subject).toBe('CN=host-falcon')
    expect(parsed.verify(new X509Certificate(authority.certificate).publicKey)).toBe(true)
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----/)
  })

  it('names the loopback addresses in broker certificates', async () => {
    const { certificate } = await (await open()).issueBroker('kafka-1', ['broker.example'])

    expect(new X509Certificate(certificate).checkIP('127.0.0.1')).toBe('127.0.0.1')
    expect(new X509Certificate(certificate).checkHost('broker.example')).toBe('broker.example')
  })

  it('is the same one when it is opened again, and keeps its key from others', async () => {
    const first = await open()

    const second = await open()

    expect(second.certificate).toBe(first.certificate)
    expect((await stat(join(folder, 'ca', 'ca.key'))).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'ca'))).mode & 0o777).toBe(0o700)
  })

  it.each(['ANONYMOUS', 'kafka,CN=other', '', 'a b'])(
    'refuses the host name %p, which could be taken for another',
    async (hostId) => {
      await expect((await open()).issueHost(hostId)).rejects.toThrow(RangeError)
    },
  )
})
