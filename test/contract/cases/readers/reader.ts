import type { ReaderName, Report } from '../case.ts'

export interface OpenOptions {
  readonly topic: string
  readonly brokers: readonly string[]
  readonly clientId: string
  /** Names the reader in this case: a reader that is opened again finds its lasting state by it, such as a group's offsets. */
  readonly id: string
  /** The offset at which to continue; the oldest record when left out. */
  readonly from?: bigint
  /** Nothing will change any more: a reader that can end at the end of the topic does. */
  readonly isLast: boolean
}

/** One way to read a topic, as the case table uses it. */
export interface Reader {
  readonly name: ReaderName
  open(options: OpenOptions): Promise<OpenReader>
}

export interface OpenReader {
  /** Keys of the delivered records, in order. */
  delivered(): readonly string[]
  reported(): readonly Report[]
  /** Its offset in partition 0; undefined when it does not report one. */
  position(): Promise<bigint | undefined>
  lag(): Promise<number | undefined>
  /** A fault that no case allows, such as not being ready; undefined without one. */
  fault(): string | undefined
  /** Offsets that it counts as lost, if it has a counter for them. */
  lost?(): Promise<number | undefined>
  /** Fetch requests so far. */
  fetches(): number
  /** Resolves with the offset at which it would continue. */
  stop(): Promise<bigint>
}

export function keyOf(record: { key: Buffer | null }): string {
  return `${record.key}`
}
