import type { Ban } from './ban.ts'
import { parseBanKey } from './ban-key.ts'

export interface ReadBanTopicDeps {
  /** One for each partition of the compacted topic of current bans. */
  readonly readers: readonly BanTopicReader[]
  readonly decode: (value: Buffer) => Ban
  /** A record that is no ban: said, and passed over. */
  readonly onUnreadable: (key: string, error: unknown) => void
}

export interface BanTopicReader {
  bounds(): Promise<{ low: bigint; high: bigint }>
  read(from: bigint): Promise<{ records: readonly BanTopicRecord[]; next: bigint }>
}

interface BanTopicRecord {
  readonly key: Buffer | null
  readonly value: Buffer | null
}

/** Answers in a row that lead nowhere although there is more: then something is wrong, and the caller had better know. */
const MAX_EMPTY_ANSWERS = 20

/** The ban list as it was last published: the newest record of each key, up to the end of the topic as it is now. */
export async function readBanTopic({ readers, decode, onUnreadable }: ReadBanTopicDeps): Promise<Ban[]> {
  const bans = new Map<string, Ban>()
  for (const reader of readers) {
    for await (const { key, value } of untilEnd(reader)) {
      const name = key?.toString('utf8') ?? ''
      bans.delete(name)
      if (value === null) continue
      try {
        const ban = decode(value)
        bans.set(name, { ...ban, key: parseBanKey(ban.key).text })
      } catch (error) {
        onUnreadable(name, error)
      }
    }
  }
  return [...bans.values()]
}

async function* untilEnd(reader: BanTopicReader): AsyncGenerator<BanTopicRecord> {
  const { low, high } = await reader.bounds()
  let emptyAnswers = 0
  for (let from = low; from < high; ) {
    const { records, next } = await reader.read(from)
    emptyAnswers = next > from ? 0 : emptyAnswers + 1
    if (emptyAnswers > MAX_EMPTY_ANSWERS)
      throw new Error(`the topic of current bans gives nothing from offset ${from} on, though it ends at ${high}`)
    yield* records
    from = next
  }
}
