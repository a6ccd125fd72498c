/**
 * All rules that the content of a gossip message can break. The names are metric labels. A node with unchanged software and a
 * sensible configuration breaks none of them.
 */
export const REFUSAL_REASONS = [
  'too-large',
  'not-json',
  'wrong-type',
  'hash',
  'height',
  'count',
  'control-character',
  'peer-id',
  'miner',
  'url',
  'url-private',
  'url-unclear',
  'url-blacklisted',
  'header',
  'handshake',
  'envelope',
  'no-hash',
  'not-printable',
] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

/** Content from the network that breaks a rule: the message is ignored. It is never logged above debug. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError'
  readonly code = 'BRIDGE_REFUSED'
  readonly reason: RefusalReason

  constructor(reason: RefusalReason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
