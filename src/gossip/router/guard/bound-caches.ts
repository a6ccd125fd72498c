import { dropOldest } from '../../../lifecycle/bounds/drop-oldest.ts'
import type { RouterInternals } from '../router.ts'

/** What the router may keep, whatever strangers send. */
export interface CacheBounds {
  /** Ids of messages seen within two minutes. Some 250 bytes each. At 300 messages a second there are 36,000. */
  readonly maxSeen: number
  /** Messages kept for five seconds, to be offered and sent again. */
  readonly maxKeptBytes: number
  /** Scores of peers that have left. */
  readonly maxScores: number
  /** Longest time for which a peer may ask not to be taken into our mesh. Go and JavaScript ask for a minute. */
  readonly maxBackOffMs: number
  /** Peers that may be backing off, per topic. */
  readonly maxBackOffs: number
}

const BOUNDS: CacheBounds = { maxSeen: 100_000, maxKeptBytes: 32 << 20, maxScores: 2000, maxBackOffMs: 600_000, maxBackOffs: 5000 }

type Part = Pick<RouterInternals, 'seenCache' | 'mcache' | 'score' | 'backoff' | 'doAddBackoff'>

/**
 * Bounds the caches of the router by number, where gossipsub 17.1.1 bounds them by time alone: validly signed messages, and peers that
 * come and go, could fill memory within that time. Beyond a bound the oldest entry goes. Then a copy of a message costs a second
 * verification, and the judge recognises it.
 */
export function boundCaches(router: Part, bounds: CacheBounds = BOUNDS): void {
  boundTimeCache(router.seenCache, bounds.maxSeen)
  boundKeptMessages(router.mcache, bounds.maxKeptBytes)
  boundScores(router.score, bounds.maxScores)
  boundBackOffs(router, bounds)
}

function boundTimeCache(cache: RouterInternals['seenCache'], max: number): void {
  const put = cache.put.bind(cache)
  cache.put = (id, value) => {
    const isKnown = put(id, value)
    dropOldest(cache.entries, max)
    return isKnown
  }
}

/** What no longer fits is passed on, but not kept: it cannot be offered and sent again. */
function boundKeptMessages(mcache: RouterInternals['mcache'], maxBytes: number): void {
  const put = mcache.put.bind(mcache)
  const shift = mcache.shift.bind(mcache)
  /** Bytes of the messages of each heartbeat, the latest one first. */
  const windows = [0]
  let total = 0
  mcache.put = (id, message, isValidated) => {
    const size = message.data?.byteLength ?? 0
    if (total + size > maxBytes || !put(id, message, isValidated)) return false
    total += size
    windows[0] = (windows[0] ?? 0) + size
    return true
  }
  mcache.shift = () => {
    shift()
    windows.unshift(0)
    while (windows.length > mcache.history.length) total -= windows.pop() ?? 0
  }
}

/** Unpatched, a peer that comes again begins with a new score, and what a peer with a good score leaves in the cache stays for good. */
function boundScores(score: RouterInternals['score'], max: number): void {
  const add = score.addPeer.bind(score)
  const remove = score.removePeer.bind(score)
  /** Those that left and whose score is kept. */
  const left = new Map<string, true>()
  function forget(peerId: string): void {
    const stats = score.peerStats.get(peerId)
    if (stats?.connected) return
    if (stats) score.removeIPsForPeer(peerId, stats.knownIPs)
    score.peerStats.delete(peerId)
    score.scoreCache.delete(peerId)
  }
  score.addPeer = (peerId) => {
    const stats = score.peerStats.get(peerId)
    left.delete(peerId)
    if (stats) Object.assign(stats, { connected: true, expire: 0 })
    else add(peerId)
  }
  score.removePeer = (peerId) => {
    remove(peerId)
    if (!score.peerStats.has(peerId)) return forget(peerId)
    left.delete(peerId)
    left.set(peerId, true)
    const [oldest] = left.keys()
    if (left.size <= max || oldest === undefined) return
    left.delete(oldest)
    forget(oldest)
  }
}

function boundBackOffs(router: Pick<Part, 'backoff' | 'doAddBackoff'>, { maxBackOffMs, maxBackOffs }: CacheBounds): void {
  const add = router.doAddBackoff.bind(router)
  router.doAddBackoff = (peerId, topic, ms) => {
    add(peerId, topic, Math.min(ms, maxBackOffMs))
    const peers = router.backoff.get(topic)
    if (peers) dropOldest(peers, maxBackOffs)
  }
}
