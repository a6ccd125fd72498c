import type { GossipsubOpts } from '@chainsafe/libp2p-gossipsub'
import { parseIpAddress, rangeOf, unmapped } from '../../addresses/ip-address.ts'

type Scores = Partial<Pick<GossipsubOpts, 'scoreParams' | 'scoreThresholds'>>

/** How long scores are kept after a peer left. With the default of an hour, strangers could fill memory with peer ids. */
const RETAIN_MS = 600_000

/** Above every penalty: a known peer's score never falls below zero. */
const KNOWN_SCORE = 1e9

/**
 * Addresses in local networks. Behind a proxy or in a container network many honest peers share one, and no stranger comes from there,
 * so they are not counted.
 */
class LocalAddresses extends Set<string> {
  override has(address: string): boolean {
    const parsed = parseIpAddress(address)
    return parsed === undefined || rangeOf(unmapped(parsed)) !== 'unicast'
  }
}

/** No scores for addresses: with the router's default weight, sixteen honest nodes behind one address would all be disconnected. */
export function lenientScores(): Scores {
  return { scoreParams: { IPColocationFactorWeight: 0, retainScore: RETAIN_MS } }
}

/**
 * The scores of Teranode's nodes: more than ten peers of one public address lose points by the square, as do those that break the
 * router's protocol again and again (six times are free). Nothing gains points. Addresses that a neighbour offers in a PRUNE are refused.
 */
export function teranodeScores(isKnown: (peerId: string) => boolean): Scores {
  return {
    scoreParams: {
      IPColocationFactorWeight: -35,
      IPColocationFactorThreshold: 10,
      IPColocationFactorWhitelist: new LocalAddresses(),
      behaviourPenaltyWeight: -16,
      behaviourPenaltyThreshold: 6,
      behaviourPenaltyDecay: 0.928,
      decayInterval: 12_000,
      retainScore: RETAIN_MS,
      appSpecificScore: (peerId) => (isKnown(peerId) ? KNOWN_SCORE : 0),
      appSpecificWeight: 1,
    },
    scoreThresholds: {
      gossipThreshold: -2000,
      publishThreshold: -4000,
      graylistThreshold: -8000,
      acceptPXThreshold: Number.MAX_VALUE,
      opportunisticGraftThreshold: 0,
    },
  }
}
