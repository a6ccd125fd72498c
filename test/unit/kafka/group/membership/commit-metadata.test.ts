import { expect, test } from 'vitest'
import { commitMetadata, readCommitMetadata } from '../../../../../src/kafka/group/membership/commit-metadata.ts'

const topicId = '0123456789abcdef0123456789abcdef'

test.each([[{}], [{ leaderEpoch: 0 }], [{ leaderEpoch: 12, topicId }], [{ topicId }]])(
  '%o is read back from the text of a commit',
  (known) => {
    expect(readCommitMetadata(commitMetadata(known))).toEqual(known)
  },
)

test.each(['', '0a1b2c3d', 'epoch=', 'epoch=-1', 'epoch=99999999999', 'topic=xyz', 'an epoch=3x'])('%j gives no information', (text) => {
  expect(readCommitMetadata(text)).toEqual({})
})
