import { expect, test } from 'vitest'
import { judgeMembers } from '../../../../../src/kafka/group/watch/foreign-members.ts'

const expected = { clientId: 'node-a', topics: ['b', 'a'] }
const own = { clientId: 'node-a', host: '/10.0.0.1', topics: ['a', 'b'] }

test('instances of the bridge are not foreign in its groups', () => {
  expect(judgeMembers(expected, [own, { ...own, host: '/10.0.0.2' }])).toEqual({ foreign: [], otherReleases: [] })
})

test.each([
  ['another bridge of that id', { ...own, topics: ['other.a', 'other.b'] }, 'client "node-a" at 10.0.0.1 subscribes to other.a, other.b'],
  ['a consumer of one topic', { ...own, clientId: 'console', topics: ['a'] }, 'client "console" at 10.0.0.1 subscribes to a'],
  ['a program with the same topics', { ...own, clientId: 'copy' }, 'client "copy" at 10.0.0.1 is not "node-a"'],
  ['a member that is not a consumer', { ...own, topics: undefined }, 'client "node-a" at 10.0.0.1 subscribes to nothing that can be read'],
])('%s is foreign', (_, member, sentence) => {
  expect(judgeMembers(expected, [own, member])).toEqual({ foreign: [sentence], otherReleases: [] })
})

test('an instance of another release, which has another list of topics, is not foreign', () => {
  const newer = { ...own, topics: ['a', 'b', 'c'] }
  expect(judgeMembers(expected, [own, newer])).toEqual({
    foreign: [],
    otherReleases: ['client "node-a" at 10.0.0.1 subscribes to a, b, c'],
  })
})
