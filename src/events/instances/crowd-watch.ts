import type { Logger } from 'pino'
import type { EventLogSubscriber } from '../reading/subscribers.ts'

/** Teranode's nodes take points from all peers of one public IP address as soon as there are more than this many. */
export const MAX_PEER_IDS_PER_ADDRESS = 10

export interface CrowdWatchDeps {
  readonly view: {
    subscribe(subscriber: EventLogSubscriber): () => void
    /** The peer ids of the live instances. */
    livePeerIds(): readonly string[]
  }
  readonly log: Pick<Logger, 'warn'>
}

/**
 * Warns when a bridge has so many instances that the network cuts them off if they reach it through one public address, as behind a
 * NAT: at the start, and whenever the number passes the bound again. Returns the function that ends it.
 */
export function watchCrowd({ view, log }: CrowdWatchDeps): () => void {
  let isCrowded = false
  function look(): void {
    const { length: peerIds } = view.livePeerIds()
    const isNews = peerIds > MAX_PEER_IDS_PER_ADDRESS && !isCrowded
    isCrowded = peerIds > MAX_PEER_IDS_PER_ADDRESS
    if (isNews) log.warn({ peerIds, bound: MAX_PEER_IDS_PER_ADDRESS }, CROWDED)
  }
  return view.subscribe({
    onEntries({ entries, isReadBack }) {
      if (!isReadBack && entries.some(({ event }) => event.type === 'instance')) look()
    },
    onGap() {},
  })
}

const CROWDED =
  'more instances of this bridge are alive than peers tolerate behind one public address: give them several addresses, run fewer with the role relay, or be named as a static peer by the nodes that matter'
