/** What a node says of its chain as it happens. Hashes are 64 hexadecimal characters, as people write them. */
export interface ChainNotification {
  readonly kind: 'block' | 'subtree' | 'mining-on' | 'state' | 'other'
  readonly hash: string
}

/** A block as the node's blockchain service describes it. */
export interface ChainBlock {
  readonly hash: string
  readonly previousHash: string
  readonly height: number
  /** 160 hexadecimal characters. */
  readonly header: string
  /** May be empty. */
  readonly miner: string
  readonly sizeInBytes: bigint
  readonly txCount: bigint
}

/** The blockchain service of a node. Every call but `notifications` has a deadline, and rejects when the service does not answer. */
export interface BlockchainService {
  /** One subscription, until the signal aborts. Throws when the service ends it. */
  notifications(signal: AbortSignal): AsyncIterable<ChainNotification>
  block(hash: string): Promise<ChainBlock>
  bestBlock(): Promise<ChainBlock>
  /** False while the node catches up: then it announces nothing. */
  isRunning(): Promise<boolean>
}

/** The place in Kafka that says which instance follows the node, and which blocks were written already. */
export interface AdapterLease {
  /** True while this instance may write. */
  isHeld(): boolean
  /** Calls the listener when that may have changed. Returns the function that removes it. */
  onChange(listener: () => void): () => void
  /** What the last holder remembered; empty for the first one. */
  recall(): Promise<string>
  /** Rejects when another instance holds the lease by now. */
  remember(text: string): Promise<void>
}
