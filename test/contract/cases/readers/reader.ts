import type { ReaderName, Report } from '../case.ts'

export interface OpenOptions {
  readonly topic: string
  readonly brokers: readonly string[]
  readonly clientId: string
  /** Names the reader in this case: what lasts, such as a group's offsets, is found by it when the reader is opened again. */
  readonly id: string
  /** Where to go on; the oldest record when left out. */
  readonly from?: bigint
  /** Nothing will change any more: a reader that can end at the end does. */
  readonly isLast: boolean
}

/** One way to read a topic, as the case table sees it. */
export interface Reader {
  readonly name: ReaderName
  open(options: OpenOptions): Promise<OpenReader>
}

export interface OpenReader {
  /** Keys of what was handed on, in order. */
  delivered(): readonly string[]
  reported(): readonly Report[]
  /** Where it stands in partition 0; undefined where it does not say. */
  position(): Promise<bigint | undefined>
  lag(): Promise<number | undefined>
  /** Whatever it did that no case allows, such as saying that it is not ready; undefined when nothing. */
  fault(): string | undefined
  /** Resolves with where it would go on. */
  stop(): Promise<bigint>
}

export function keyOf(record: { key: Buffer | null }): string {
  return `${record.key}`
}
