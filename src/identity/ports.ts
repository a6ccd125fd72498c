import type { Ed25519PrivateKey } from '@libp2p/interface'

/** Who we are on the network. `isEphemeral`: the key was made for this process only, so the peer id changes with the next start. */
export interface Identity {
  readonly peerId: string
  readonly isEphemeral: boolean
  readonly privateKey: Ed25519PrivateKey
}

/** The instance that holds a key, or held it last. */
export interface IdentityHolder {
  readonly instanceId: string
  readonly host: string
  readonly since: Date
}

/** One key as the store knows it. */
export interface IdentityRow {
  readonly peerId: string
  /** Null for a key of the settings, which only its holder has. */
  readonly sealedKey: Buffer | null
  /** As in `p2p_advertise_addresses`; null: those of the settings. */
  readonly advertiseAddresses: readonly string[] | null
  /** The only instance that may take it; null: any. */
  readonly reservedFor: string | null
  readonly createdAt: Date | null
  readonly retiredAt: Date | null
  /** A session holds its lock now. */
  readonly isLocked: boolean
  readonly holder: IdentityHolder | null
  /** Time left of the last holder's lease: that instance may still run, although its lock is gone. */
  readonly leaseLeftMs: number
}

export interface NewIdentity {
  readonly peerId: string
  readonly sealedKey: Buffer
  readonly advertiseAddresses: readonly string[] | null
  readonly reservedFor: string | null
}

/** The pool of keys of one bridge. */
export interface IdentityStore {
  /** Brings the store to the newest schema; once per process. */
  prepare(): Promise<void>
  /** All keys, oldest first. */
  list(): Promise<IdentityRow[]>
  /** `full`: `most` keys are in use. `known`: this key was added before, and may be retired. */
  add(identity: NewIdentity, options?: { most?: number }): Promise<'added' | 'full' | 'known'>
  /** When it was retired, now or before; undefined when there is no such key. */
  retire(peerId: string): Promise<Date | undefined>
  /** The store did not answer; the same request may succeed later. */
  isUnavailable(error: unknown): error is Error
}

/**
 * `busy`: another session has the lock. `leased`: the lock is free, but the lease of its last holder has not ended. `own`: an
 * earlier session of this process has the lock; the store was asked to end that session.
 */
export type HoldOutcome =
  | { readonly kind: 'held' | 'own' }
  | { readonly kind: 'busy'; readonly holder: IdentityHolder | null }
  | { readonly kind: 'leased'; readonly holder: IdentityHolder; readonly leaseLeftMs: number }

/** A connection to the store that holds the lock of one key for as long as the connection lives. */
export interface IdentitySession {
  /** Aborted when the connection is gone. */
  readonly ended: AbortSignal
  /** `leaseMs`: how long after the last renewal nobody else takes the key, even when this connection is gone. Null: no lease. */
  hold(peerId: string, leaseMs: number | null): Promise<HoldOutcome>
  /** Resolves when the store has confirmed the lock and renewed the lease. */
  renew(): Promise<void>
  /** Gives the key back, so that the next instance may take it at once. Only when no host uses it any more. */
  release(): Promise<void>
  /** Closes the connection at once. */
  end(): void
}

export type OpenSession = (signal: AbortSignal) => Promise<IdentitySession>
