import type { KnownPosition } from '../../reader/partition-position.ts'

/** Identity of the log in which an offset was committed. */
export type CommittedIn = Pick<KnownPosition, 'leaderEpoch' | 'topicId'>

/**
 * The metadata of a committed offset of an in-topic: the leader epoch of the last record read, and the topic's id. They show the next
 * member that the log was truncated before the offset, or that this is another topic of the same name, even if the offset exists again.
 */
export function commitMetadata({ leaderEpoch, topicId }: CommittedIn): string {
  const words = []
  if (leaderEpoch !== undefined) words.push(`epoch=${leaderEpoch}`)
  if (topicId !== undefined) words.push(`topic=${topicId}`)
  return words.join(' ')
}

/** Empty for a text that is not ours, or of a release that wrote none. */
export function readCommitMetadata(metadata: string): CommittedIn {
  const epoch = /(?:^| )epoch=(\d{1,9})(?: |$)/.exec(metadata)?.[1]
  const topicId = /(?:^| )topic=([0-9a-f]{32})(?: |$)/.exec(metadata)?.[1]
  return {
    ...(epoch === undefined ? {} : { leaderEpoch: Number(epoch) }),
    ...(topicId === undefined ? {} : { topicId }),
  }
}
