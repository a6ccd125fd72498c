import { withJitter } from '../lifecycle/time.ts'
import type { DialFailure, PeerSource } from './ports.ts'

export interface RetryPauseOptions {
  /** `p2p_optimise_retries`: wait longer after a failure that time alone will hardly mend. */
  readonly optimise: boolean
  /** The first pause of every source, for tests. */
  readonly firstMs?: number
}

interface Pace {
  readonly firstMs: number
  readonly longestMs: number
}

/** The pause doubles with each failure. A static peer is dialled again at a fixed pace. */
const PACES: Readonly<Record<PeerSource, Pace>> = {
  static: { firstMs: 5000, longestMs: 5000 },
  bootstrap: { firstMs: 5000, longestMs: 300_000 },
  dht: { firstMs: 30_000, longestMs: 600_000 },
  found: { firstMs: 10_000, longestMs: 600_000 },
}

/** Failures that the next attempt will hardly mend, with the pause after them. */
const HOPELESS: Readonly<Partial<Record<DialFailure, number>>> = {
  'wrong-peer': 3_600_000,
  'other-network': 600_000,
  'no-address': 600_000,
}
/** The peers of the settings are the operator's wish, so even without much hope they are tried this often. */
const LONGEST_FOR_KNOWN_MS = 300_000

/** The pause before the next dial, after so many failures in a row, of which the last one had this class. */
export function retryPause(
  { source, failures, failure }: { source: PeerSource; failures: number; failure: DialFailure | undefined },
  { optimise, firstMs }: RetryPauseOptions,
  random: () => number,
): number {
  const pace = PACES[source]
  const first = firstMs ?? pace.firstMs
  const longest = pace.longestMs === pace.firstMs ? first : pace.longestMs
  const normal = Math.min(longest, first * 2 ** Math.min(Math.max(failures - 1, 0), 20))
  const hopeless = (optimise && failure !== undefined && HOPELESS[failure]) || 0
  const isKnown = source === 'static' || source === 'bootstrap'
  return withJitter(Math.max(normal, isKnown ? Math.min(hopeless, LONGEST_FOR_KNOWN_MS) : hopeless), random)
}
