import { DeadlineError } from '../../lifecycle/time.ts'
import type { DialFailure } from '../../peers/ports.ts'

/** The names of libp2p's errors, with what they mean. */
const MEANINGS: Readonly<Record<string, DialFailure>> = {
  UnexpectedPeerError: 'wrong-peer',
  NoValidAddressesError: 'no-address',
  DialDeniedError: 'banned',
  ConnectionInterceptedError: 'banned',
  ConnectionDeniedError: 'banned',
  EncryptionFailedError: 'other-network',
  InvalidCryptoExchangeError: 'other-network',
  MuxerUnavailableError: 'other-network',
}
/** libp2p wraps the error of the noise handshake and keeps only its text. */
const WRONG_PEER = /does not match expected remote identity key|unexpected peer|peer id mismatch/i

/** The most hopeful failure of several addresses counts: one address that is only away may be back soon. */
const BY_HOPE: readonly DialFailure[] = ['unreachable', 'banned', 'other-network', 'no-address', 'wrong-peer']

/** Why a dial failed, from the error of libp2p. */
export function dialFailure(error: unknown): DialFailure {
  if (error instanceof AggregateError && error.errors.length > 0) {
    const failures = error.errors.map(dialFailure)
    return BY_HOPE.find((failure) => failures.includes(failure)) ?? 'unreachable'
  }
  if (!(error instanceof Error) || error instanceof DeadlineError) return 'unreachable'
  if (WRONG_PEER.test(error.message)) return 'wrong-peer'
  return MEANINGS[error.name] ?? 'unreachable'
}
