import { createPrivateKey, X509Certificate } from 'node:crypto'
import { type Finding, fail, messageOf, ok, warn } from '../finding.ts'

export interface IdentityFacts {
  /** Of `p2p_private_key`. Undefined without it. */
  readonly peerId: string | undefined
  /** The key comes from the pool in the database. */
  readonly hasPool: boolean
}

/** Where the key of the host comes from. */
export function judgeIdentity({ peerId, hasPool }: IdentityFacts): Finding {
  if (peerId !== undefined) return ok(`${peerId} is the peer id of p2p_private_key`)
  if (hasPool) return ok('the key comes from the pool in banlist_db')
  return warn(
    'each start creates a new key, so peers that name this bridge do not find it again',
    'set p2p_private_key (`gossip-bridge keygen` makes one), or identity_encryption_key and banlist_db for a pool',
  )
}

export interface CertificateFiles {
  /** The settings that name the files. */
  readonly certSetting: string
  readonly keySetting: string
  readonly certFile: string
  readonly keyFile: string
  readonly passphrase?: string
}

export interface CertificateDeps {
  readonly readFile: (path: string) => string
  /** Milliseconds since the epoch. */
  readonly now: number
}

const DAY_MS = 86_400_000
const SOON_DAYS = 14

/** A certificate and its key: readable, belonging together, in force. */
export function judgeCertificate(files: CertificateFiles, { readFile, now }: CertificateDeps): Finding {
  const { certSetting, keySetting, certFile, keyFile, passphrase } = files
  const name = `the certificate ${certFile} (${certSetting})`
  try {
    const certificate = new X509Certificate(readFile(certFile))
    const key = createPrivateKey({ key: readFile(keyFile), ...(passphrase ? { passphrase } : {}) })
    if (!certificate.checkPrivateKey(key))
      return fail(`${name} does not belong to the key ${keyFile}`, `correct ${certSetting} or ${keySetting}`)
    const [from, until] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)]
    const days = Math.floor((until - now) / DAY_MS)
    if (now < from) return fail(`${name} is not in force before ${certificate.validFrom}`, 'check the clock of this host')
    if (until <= now) return fail(`${name} was in force until ${certificate.validTo}`, 'renew it')
    if (days < SOON_DAYS) return warn(`${name} ends in ${days} days`, 'renew it')
    return ok(`${name} is in force for ${days} more days`)
  } catch (error) {
    return fail(`${name} or its key ${keyFile} cannot be used: ${messageOf(error)}`, `correct ${certSetting} or ${keySetting}`)
  }
}
