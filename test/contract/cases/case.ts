import type { Cluster } from './cluster.ts'

/** What a reader can say about a topic beside its records. */
export type Report = 'expired' | 'truncated' | 'topic-made-anew' | 'undecodable' | 'open-transaction' | 'throttled'

export type ReaderName = 'group' | 'tail' | 'random reads' | 'CLI'

export interface CaseTopic {
  readonly name: string
  readonly cluster: Cluster
}

/** What one reader must have done once a step is over. */
export interface Expected {
  /** Keys of the records that this step adds to what is handed on, in order; `null` stands for a record without a key. */
  readonly delivers: readonly string[]
  /** The offset in partition 0 at which the reader stands. Not checked where the step leaves it out. */
  readonly ends?: bigint
  /** Records between that offset and the end of partition 0; 0 when left out. */
  readonly lag?: number
  /** What is reported because of this step, in order; nothing when left out. */
  readonly reports?: readonly Report[]
}

export interface Step extends Expected {
  readonly change: (topic: CaseTopic) => Promise<void>
  /** The readers are stopped during the change, and go on where they were. */
  readonly isWhileStopped?: boolean
  /** Where a reader differs from the others, and why it must. */
  readonly except?: Partial<Record<ReaderName, Partial<Expected>>>
  readonly withinMs?: number
}

/** One state of a topic that Kafka allows: how valid clients and Kafka's own tools get it there, and what readers must make of it. */
export interface Case {
  readonly name: string
  readonly config?: Readonly<Record<string, string>>
  /** The brokers of its only partition, the leader first; any broker when left out. */
  readonly replicas?: number[]
  /** Readers and the quotas of a case find each other by it. */
  readonly clientId?: string
  /** The first one happens before any reader starts. */
  readonly steps: readonly [Step, ...Step[]]
  /** Readers to which the case cannot happen, each with the reason. */
  readonly without?: Partial<Record<ReaderName, string>>
}
