import type { Ed25519PrivateKey } from '@libp2p/interface'

/** Our key and peer id. `isEphemeral`: the key was created for this process only, so the peer id changes with the next start. */
export interface Identity {
  readonly peerId: string
  readonly isEphemeral: boolean
  readonly privateKey: Ed25519PrivateKey
}

/** The instance that holds a key, or the last one that held it. */
export interface IdentityHolder {
  readonly instanceId: string
  readonly host: string
  readonly since: Date
}

/** One key in the store. */
export interface IdentityRow {
  readonly peerId: string
  /** Null for a key of the settings, which only its holder has. */
  readonly sealedKey: Buffer | null
  /** In the format of `p2p_advertise_addresses`; null: use that setting. */
  readonly advertiseAddresses: readonly string[] | null
  /** The only instance that may take it; null: any. */
  readonly reservedFor: string | null
  readonly createdAt: Date | null
  readonly retiredAt: Date | null
  /** True while a session holds its lock. */
  readonly isLocked: boolean
  readonly holder: IdentityHolder | null
  /** Time left of the last holder's lease: that instance may still run without its lock. */
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
  /** Migrates the store to the newest schema, once per process. */
  prepare(): Promise<void>
  /** All keys, oldest first. */
  list(): Promise<IdentityRow[]>
  /** `full`: `most` keys are in use. `known`: the store already has this key, possibly retired. */
  add(identity: NewIdentity, options?: { most?: number }): Promise<'added' | 'full' | 'known'>
  /** Returns when the key was retired, now or earlier; undefined when the store has no such key. */
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
  /** Aborted when the connection is closed or lost. */
  readonly ended: AbortSignal
  /** `leaseMs`: how long after the last renewal no other instance takes the key, even without this connection. Null: no lease. */
  hold(peerId: string, leaseMs: number | null): Promise<HoldOutcome>
  /** Resolves when the store has confirmed the lock and renewed the lease. */
  renew(): Promise<void>
  /** Gives the key back, so that the next instance may take it at once. Call only when no host uses the key. */
  release(): Promise<void>
  /** Closes the connection at once. */
  end(): void
}

export type OpenSession = (signal: AbortSignal) => Promise<IdentitySession>
