import { TokenBucket } from '../../lifecycle/pace/token-bucket.ts'
import { RecentMap } from '../recent-map.ts'

export interface InboundRateOptions {
  /** `gossip_inbound_rate`: messages a second in total; 0 admits everything. Asked each time: a reload may change it. */
  readonly ratePerSecond: number
  /** A sender that is idle for this long no longer has a share. */
  readonly idleMs?: number
  readonly maxHops?: number
  readonly maxSignersPerHop?: number
}

export interface InboundRate {
  /** True when a message signed by `signer` and sent to us by `hop` may be processed. A refused message uses up no share. */
  admit(hop: string, signer: string): boolean
}

interface Hop {
  readonly bucket: TokenBucket
  readonly signers: RecentMap<TokenBucket>
}

/**
 * Shares the inbound rate fairly: each active hop has an equal share, and each signer an equal part of its hop's share. Unused
 * shares may be borrowed, but only from the upper half of a bucket, so a sender within its share is never refused because another
 * one floods. Bursts of one second are allowed.
 */
export function createInboundRate(options: InboundRateOptions, { now }: { now: () => number }): InboundRate {
  const { idleMs = 10_000, maxHops = 1024, maxSignersPerHop = 256 } = options
  const whole = new TokenBucket(Math.max(1, options.ratePerSecond), now())
  const hops = new RecentMap<Hop>({ idleMs, maxEntries: maxHops })

  return {
    admit(hopId, signerId) {
      const rate = options.ratePerSecond
      if (rate <= 0) return true
      const burst = Math.max(1, rate)
      const at = now()
      const hop = hops.touch(hopId, at, () => ({
        bucket: new TokenBucket(Math.max(1, burst / (hops.size + 1)), at),
        signers: new RecentMap<TokenBucket>({ idleMs, maxEntries: maxSignersPerHop }),
      }))
      // Starts with one token, not a full bucket: otherwise a hop could exceed its share with ever new signers.
      const signer = hop.signers.touch(signerId, at, () => new TokenBucket(1, at))

      const hopBurst = Math.max(1, burst / hops.size)
      const signerBurst = Math.max(1, hopBurst / hop.signers.size)
      const wholeLevel = whole.level(at, rate, burst)
      const hopLevel = hop.bucket.level(at, rate / hops.size, hopBurst)
      const isHopWithin = hopLevel >= 1
      const isSignerWithin = signer.level(at, rate / hops.size / hop.signers.size, signerBurst) >= 1

      const isAdmitted = isHopWithin
        ? isSignerWithin || hopLevel > hopBurst / 2 || wholeLevel > burst * 0.75
        : wholeLevel > burst * (isSignerWithin ? 0.5 : 0.75)
      if (!isAdmitted) return false
      whole.take()
      if (isHopWithin) hop.bucket.take()
      if (isSignerWithin) signer.take()
      return true
    },
  }
}
