/** One row of the hostile table. */
export interface Row {
  readonly name: string
  /** The name of the attack in `attacker`. */
  readonly attack: string
  /** Counters that must grow, so that an operator sees the attack: `refused:<reason>`, `verdict:<reason>`, ... */
  readonly seenAs: readonly string[]
}

/** In this order, the addresses of the attackers are 127.0.1.1, 127.0.1.2 and so on. */
export const ROWS: readonly Row[] = [
  { name: 'payload with the peer id of another', attack: 'spoofedPeerId', seenAs: ['verdict:signer-mismatch'] },
  { name: 'wrong signature, 50/s', attack: 'wrongSignature', seenAs: ['refused:bad-signature'] },
  { name: 'RPC of 500 badly signed messages, again and again', attack: 'badlySignedRpcs', seenAs: ['refused:bad-signature'] },
  { name: 'messages at and above each size limit', attack: 'sizes', seenAs: ['verdict:too-large'] },
  { name: 'junk of every kind, 300/s', attack: 'junkContent', seenAs: ['verdict:not-json', 'verdict:wrong-type'] },
  { name: '1,000 valid messages/s of one identity', attack: 'validFlood', seenAs: ['verdict:new'] },
  { name: 'the same hash with new sequence numbers, 1,000/s', attack: 'sameHash', seenAs: ['verdict:repeat'] },
  { name: 'handshakes, 500/s', attack: 'handshakeFlood', seenAs: ['verdict:handshake'] },
  {
    name: 'blocks without a header at the greatest height',
    attack: 'greatHeights',
    seenAs: ['verdict:new'],
  },
  { name: 'subscriptions, thousands per RPC, and on and off', attack: 'subscriptionFlood', seenAs: ['refused:over-subscriptions'] },
  { name: 'IHAVE, 250,000 unknown ids/s', attack: 'ihaveFlood', seenAs: ['refused:over-ids'] },
  { name: 'IWANT, 250,000 unknown ids/s', attack: 'iwantFlood', seenAs: ['refused:over-ids'] },
  { name: 'GRAFT, PRUNE and RPCs that are none, 300/s', attack: 'graftFlood', seenAs: ['refused:unreadable-rpc'] },
  {
    name: 'sockets that never begin a handshake, 200/s',
    attack: 'silentSockets',
    seenAs: ['refused:no-place-for-address', 'refused:too-many-connections'],
  },
  { name: 'streams that never say for what, 500/s', attack: 'streamFlood', seenAs: ['refused:too-many-streams'] },
  { name: 'streams that are ended at once, 1,000/s', attack: 'streamChurn', seenAs: ['refused:too-many-streams'] },
  { name: 'a stream that proposes protocols without end', attack: 'endlessProposals', seenAs: ['refused:endless-negotiation'] },
  { name: 'frames of 2 GiB', attack: 'endlessFrame', seenAs: ['refused:oversize-frame'] },
  { name: 'empty frames, as fast as they are taken', attack: 'emptyFrames', seenAs: ['refused:slowed-down'] },
  { name: 'an endless direct stream', attack: 'endlessStream', seenAs: ['direct:too-large'] },
  { name: 'silent direct streams, 100/s', attack: 'silentStreams', seenAs: ['direct:too-many'] },
  { name: '200 identities at one address', attack: 'manyIdentities', seenAs: ['refused:no-place-for-address'] },
  { name: 'the address of an honest peer as its own', attack: 'othersAddress', seenAs: [] },
]
