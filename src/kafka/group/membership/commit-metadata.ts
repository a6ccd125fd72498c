import type { KnownPosition } from '../../reader/partition-position.ts'

/** What is known of the log in which an offset was committed. */
export type CommittedIn = Pick<KnownPosition, 'leaderEpoch' | 'topicId'>

/**
 * The text that Kafka keeps beside a committed offset of an in-topic: the leader epoch of what was read up to there, and the topic's id.
 * Whoever takes the partition over can tell from it that the log was cut off before the offset, or that it is another topic of that
 * name, although the offset is in use.
 */
export function commitMetadata({ leaderEpoch, topicId }: CommittedIn): string {
  const words = []
  if (leaderEpoch !== undefined) words.push(`epoch=${leaderEpoch}`)
  if (topicId !== undefined) words.push(`topic=${topicId}`)
  return words.join(' ')
}

/** Nothing is known by a text that is not ours, or was written by a release that wrote none. */
export function readCommitMetadata(metadata: string): CommittedIn {
  const epoch = /(?:^| )epoch=(\d{1,9})(?: |$)/.exec(metadata)?.[1]
  const topicId = /(?:^| )topic=([0-9a-f]{32})(?: |$)/.exec(metadata)?.[1]
  return {
    ...(epoch === undefined ? {} : { leaderEpoch: Number(epoch) }),
    ...(topicId === undefined ? {} : { topicId }),
  }
}
