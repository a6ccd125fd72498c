import type { Identity } from '../../src/identity/ports.ts'

/** The key in Teranode's form for `p2p_private_key`. */
export function toTeranodeHex(identity: Identity): string {
  return Buffer.from(identity.privateKey.raw).toString('hex')
}
