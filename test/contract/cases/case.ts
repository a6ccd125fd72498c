import type { Cluster } from './cluster.ts'

/** Reports of a reader about a topic, in addition to its records. */
export type Report = 'expired' | 'truncated' | 'topic-made-anew' | 'undecodable' | 'open-transaction' | 'throttled'

export type ReaderName = 'group' | 'tail' | 'random reads' | 'CLI'

export interface CaseTopic {
  readonly name: string
  readonly cluster: Cluster
}

/** The expected result of one reader after a step. */
export interface Expected {
  /** Keys of the records that this step adds to the delivered ones, in order; `null` stands for a record without a key. */
  readonly delivers: readonly string[]
  /** The reader's offset in partition 0. Not checked when left out. */
  readonly ends?: bigint
  /** Records between that offset and the end of partition 0; 0 when left out. */
  readonly lag?: number
  /** Offsets that a reader with a counter for them, which is the group, counts as lost. Not checked when left out. */
  readonly lost?: number
  /** Reports caused by this step, in order; none when left out. */
  readonly reports?: readonly Report[]
}

export interface Step extends Expected {
  readonly change: (topic: CaseTopic) => Promise<void>
  /** The readers are stopped during the change, and then continue at their offsets. */
  readonly isWhileStopped?: boolean
  /** Readers whose result must differ from the others, with the reason. */
  readonly except?: Partial<Record<ReaderName, Partial<Expected>>>
  readonly withinMs?: number
  /** Fetch requests that a reader may need until then, all in all. Not checked when left out. */
  readonly mostFetches?: number
}

/** One state of a topic that Kafka allows: how valid clients and Kafka's own tools create it, and the expected results of readers. */
export interface Case {
  readonly name: string
  readonly config?: Readonly<Record<string, string>>
  /** The brokers of its only partition, the leader first; any broker when left out. */
  readonly replicas?: number[]
  /** Brokers fail meanwhile, or the topic is away for a moment: readers may say that they are not ready. */
  readonly mayBeUnready?: boolean
  /** A quota in bytes a second. Every reader has a client id of its own, so none uses up another's. */
  readonly quota?: { readonly consumer_byte_rate: number }
  /** The first one happens before any reader starts. */
  readonly steps: readonly [Step, ...Step[]]
  /** Readers to which the case does not apply, each with the reason. */
  readonly without?: Partial<Record<ReaderName, string>>
}
