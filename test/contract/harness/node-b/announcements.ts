import { createHash, randomBytes } from 'node:crypto'

export type Kind = 'block' | 'subtree' | 'mining-on' | 'rejected-tx'

/** A gossip message of another node, with its bytes. */
export interface GossipPayload {
  readonly kind: Kind
  readonly topic: string
  /** Block hash, subtree hash or transaction id. */
  readonly hash: string
  readonly data: Uint8Array
}

export const NETWORK = 'regtest'
export const GOSSIP_TOPICS: Readonly<Record<Kind, string>> = {
  block: `bitcoin/${NETWORK}-block`,
  subtree: `bitcoin/${NETWORK}-subtree`,
  'mining-on': `bitcoin/${NETWORK}-miningon`,
  'rejected-tx': `bitcoin/${NETWORK}-rejected_tx`,
}

/** Of ten messages six are subtrees, two are blocks, and the others are of kinds that no validation service receives. */
const ROUND: readonly Kind[] = [
  'subtree',
  'subtree',
  'block',
  'subtree',
  'mining-on',
  'subtree',
  'subtree',
  'block',
  'subtree',
  'rejected-tx',
]

const DATA_HUB_URL = 'http://node-b.example:8090/api/v1'
/** Regtest's easiest target: every second attempt meets it. */
const EASIEST_BITS = 0x207fffff
const BITS_OFFSET = 72
const NONCE_OFFSET = 76

/** The nth message of a live node, with a hash that nobody has announced before. */
export function nthAnnouncement(index: number, peerId: string): GossipPayload {
  const kind = ROUND[index % ROUND.length] ?? 'subtree'
  const { hash, content } = contentOf(kind, index, peerId)
  return { kind, topic: GOSSIP_TOPICS[kind], hash, data: Buffer.from(JSON.stringify(content)) }
}

/**
 * The id of the event for such a message. Computed here from the documentation, not by the bridge's code, so that the checker is
 * independent. The id of a state covers the sequence number of the gossip message too.
 */
export function expectedEventId(kind: Kind, hash: string, peerId: string, sequence = ''): string {
  const subject = isState(kind) ? `${hash}\n${sequence}` : hash
  return createHash('sha256').update([NETWORK, kind, subject, peerId].join('\0')).digest('hex').slice(0, 32)
}

/** A state can return, so each announcement of it is a separate event. */
export function isState(kind: Kind): boolean {
  return kind === 'mining-on'
}

function contentOf(kind: Kind, index: number, peerId: string): { hash: string; content: object } {
  const hash = randomBytes(32).toString('hex')
  switch (kind) {
    case 'block':
      return block(index, peerId)
    case 'subtree':
      return { hash, content: { Hash: hash, DataHubURL: DATA_HUB_URL, PeerID: peerId } }
    case 'rejected-tx':
      return { hash, content: { TxID: hash, Reason: 'TX_INVALID (31): contract', PeerID: peerId } }
    case 'mining-on': {
      const from = { Hash: hash, PreviousHash: hash, DataHubURL: DATA_HUB_URL, PeerID: peerId }
      return { hash, content: { ...from, Height: index, Miner: '/contract/', SizeInBytes: 1000, TxCount: 3 } }
    }
  }
}

/** A block whose header matches its hash and meets its target. */
function block(index: number, peerId: string): { hash: string; content: object } {
  const header = randomBytes(80)
  header.writeUInt32LE(EASIEST_BITS, BITS_OFFSET)
  let hash = ''
  for (let nonce = 0; hash === '' || hash >= '7fffff'; nonce++) {
    header.writeUInt32LE(nonce, NONCE_OFFSET)
    hash = doubleHash(header)
  }
  const content = { Hash: hash, Height: index + 1, DataHubURL: DATA_HUB_URL, PeerID: peerId, Header: header.toString('hex'), Coinbase: '' }
  return { hash, content }
}

function doubleHash(header: Buffer): string {
  const once = createHash('sha256').update(header).digest()
  return createHash('sha256').update(once).digest().reverse().toString('hex')
}
