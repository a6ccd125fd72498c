import { expect, test } from 'vitest'
import { wantedTopics } from '../../../../src/cli/topics/wanted-topics.ts'
import { TOPIC_ROLES } from '../../../../src/messages/topics.ts'
import { settingsOf } from '../../../support/bridge/settings.ts'

function wanted(environment: Record<string, string> = {}) {
  return Object.fromEntries(wantedTopics(settingsOf(environment)).map(({ role, ...topic }) => [role, topic]))
}

test('every role has a topic, with partitions, copies and retention from the settings', () => {
  const topics = wanted({
    TOPIC_PREFIX: 'a.',
    KAFKA_PARTITIONS: '8',
    KAFKA_REPLICATION_FACTOR: '3',
    KAFKA_RETENTION: '2h',
    KAFKA_RETENTION_DEAD_LETTERS: '30d',
  })
  expect(Object.keys(topics)).toEqual([...TOPIC_ROLES])
  expect(topics.blocks).toEqual({
    name: 'a.blocks',
    partitions: 8,
    isPartitionCountFixed: false,
    replication: 3,
    config: { 'cleanup.policy': 'delete', 'retention.ms': '7200000' },
  })
  expect(topics.deadLetters?.config['retention.ms']).toBe('2592000000')
})

test('the event log has one partition and the broker’s timestamps', () => {
  expect(wanted({ KAFKA_PARTITIONS: '8' }).events).toMatchObject({
    partitions: 1,
    isPartitionCountFixed: true,
    config: { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '86400000' },
  })
})

test('ban commands have one order, and the ban list keeps only current entries', () => {
  const { banCommands, bans } = wanted({ KAFKA_PARTITIONS: '8' })
  expect(banCommands).toMatchObject({ partitions: 1, isPartitionCountFixed: true })
  expect(bans).toMatchObject({ partitions: 1, config: { 'cleanup.policy': 'compact' } })
})
