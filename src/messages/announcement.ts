/**
 * What nodes announce to each other, in canonical form: hashes are 64 lower-case hex characters in display order
 * (byte-reversed), heights are uint32, and counts that Go keeps as uint64 are bigint.
 */
export interface Block {
  readonly hash: string
  readonly height: number
  /** The 80-byte header as 160 hex characters, where the sender gave it. */
  readonly header: string | null
  /** Base URL from which the block's data can be fetched. */
  readonly dataHubUrl: string
}

export interface Subtree {
  readonly hash: string
  readonly dataHubUrl: string
}

/** The block that the node is mining on: all fields speak of that best block, not of the one to come. */
export interface MiningOn {
  readonly hash: string
  readonly previousHash: string
  readonly height: number
  readonly miner: string
  readonly sizeInBytes: bigint
  readonly txCount: bigint
  readonly dataHubUrl: string
}

export interface RejectedTx {
  readonly txId: string
  /** Why the validator refused it, at most 256 characters. */
  readonly reason: string
}

/** The kinds that travel by gossip and are own notifications too. */
export type Announcement =
  | { readonly type: 'block'; readonly block: Block }
  | { readonly type: 'subtree'; readonly subtree: Subtree }
  | { readonly type: 'mining-on'; readonly miningOn: MiningOn }
  | { readonly type: 'rejected-tx'; readonly rejectedTx: RejectedTx }

export type AnnouncementType = Announcement['type']
