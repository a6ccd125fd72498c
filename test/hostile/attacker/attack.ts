import type { RawPeer, RawPeerOptions } from './raw-peer.ts'

/** What an attack is given. */
export interface AttackContext {
  /** Multiaddress of the bridge. */
  readonly target: string
  /** An address at which an honest peer listens. */
  readonly honest: string
  readonly topics: Readonly<Record<'block' | 'subtree' | 'rejectedTx' | 'handshake', string>>
  /** Aborted when the test has seen enough. */
  readonly stopped: AbortSignal
  /** A new peer; it ends with the program. */
  createPeer(options?: RawPeerOptions): Promise<RawPeer>
  /** Told to the test: something was sent or tried. */
  count(what: string, times?: number): void
}

export type Attack = (context: AttackContext) => Promise<void>

/** Calls `step` at an even rate until the attack is to stop. A step that fails is counted, and the next one follows. */
export async function repeatedly({ stopped, count }: AttackContext, perSecond: number, step: () => Promise<void> | void): Promise<void> {
  const startedAt = performance.now()
  for (let done = 0; !stopped.aborted; done++) {
    const waitMs = startedAt + (done * 1000) / perSecond - performance.now()
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs))
    try {
      await step()
    } catch {
      count('failed')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
