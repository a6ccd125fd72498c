import { expect, test } from 'vitest'
import { unreadTopics } from '../../../../../src/kafka/group/watch/unread-topics.ts'

const TOPICS = ['a', 'b']
const reader = (topics: string[], assigned: string[] | undefined = topics) => ({ topics, assigned })

test.each([
  ['a member without the topic leads and assigns it to nobody', [reader(['a']), reader(TOPICS, ['a'])], ['b']],
  ['a part of a topic goes to a member without it', [reader(TOPICS), reader(['a'], TOPICS)], ['b']],
  ['each topic has its readers', [reader(['a']), reader(TOPICS, ['b'])], []],
  ['a member has no partition', [reader(TOPICS), reader(TOPICS, [])], []],
  ['the group has no members', [], []],
  ['no member subscribes to a topic yet', [reader(['a'])], []],
  ['the group rebalances', [{ topics: TOPICS, assigned: undefined }, reader(TOPICS, ['a'])], []],
  ['a member is still joining', [{ topics: undefined, assigned: [] }, reader(TOPICS, ['a'])], []],
])('when %s, the unread topics are known', (_case, members, unread) => {
  expect(unreadTopics(TOPICS, members)).toEqual(unread)
})
