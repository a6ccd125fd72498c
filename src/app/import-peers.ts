/**
 * Imported only by a relay, because libp2p is most of the program. Call it early: loading goes on while the first parts wait for Kafka.
 * The caller may give up before it uses the result.
 */
export function importPeers(): Promise<typeof import('./peers/peers.ts')> {
  const peers = import('./peers/peers.ts')
  peers.catch(() => {}) // the caller gets the error when it awaits the result
  return peers
}
