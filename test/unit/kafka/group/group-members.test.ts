import { expect, test } from 'vitest'
import { foreignMembers } from '../../../../src/kafka/group/group-members.ts'

const expected = { clientId: 'node-a', topics: ['b', 'a'] }
const own = { clientId: 'node-a', host: '/10.0.0.1', topics: ['a', 'b'] }

test('instances of the bridge are at home in its groups', () => {
  expect(foreignMembers(expected, [own, { ...own, host: '/10.0.0.2' }])).toEqual([])
})

test.each([
  ['another bridge of that id', { ...own, topics: ['other.a', 'other.b'] }, 'client "node-a" at 10.0.0.1 subscribes to other.a, other.b'],
  ['a consumer of one topic', { ...own, clientId: 'console', topics: ['a'] }, 'client "console" at 10.0.0.1 subscribes to a'],
  ['a program with the same topics', { ...own, clientId: 'copy' }, 'client "copy" at 10.0.0.1 is not "node-a"'],
  ['what is no consumer', { ...own, topics: undefined }, 'client "node-a" at 10.0.0.1 subscribes to nothing that can be read'],
])('%s is told', (_, member, sentence) => {
  expect(foreignMembers(expected, [own, member])).toEqual([sentence])
})
