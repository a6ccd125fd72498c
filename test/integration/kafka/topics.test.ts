import { expect, test } from 'vitest'
import { checkTopics, createTopics, describeTopics, listTopics } from '../../../src/kafka/admin/topics.ts'
import { createTopic } from '../../support/stack/create-topic.ts'
import { connection, randomName } from './parts.ts'

const config = { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '86400000' }

test('makes what is missing, leaves what exists, and finds its own topics in order', async () => {
  const existing = await createTopic({ partitions: 2 })
  const wanted = [
    { name: randomName('new'), partitions: 3, replication: 1, config },
    { name: existing, partitions: 1, isPartitionCountFixed: true, replication: 1, config },
  ]
  const [fresh] = wanted.map((topic) => topic.name)
  const kafka = connection()
  expect((await checkTopics(kafka, wanted)).map((finding) => finding.problem)).toContain(`topic ${fresh} does not exist`)
  expect(await createTopics(kafka, wanted)).toEqual({ created: [fresh], existed: [existing] })
  expect(await createTopics(kafka, wanted)).toEqual({ created: [], existed: wanted.map((topic) => topic.name) })
  expect(await listTopics(kafka)).toEqual(expect.arrayContaining(wanted.map((topic) => topic.name)))
  const [state] = await describeTopics(kafka, [fresh ?? '', 'not-there'])
  expect(state).toMatchObject({ name: fresh, partitions: 3, replication: 1, config })
  const findings = await checkTopics(kafka, wanted)
  expect(findings.map((finding) => [finding.topic, finding.severity, finding.problem])).toEqual([
    [existing, 'error', `topic ${existing} has 2 partitions, wanted are 1`],
    [existing, 'error', `topic ${existing} has message.timestamp.type=CreateTime, wanted is LogAppendTime`],
    [existing, 'warning', `topic ${existing} has retention.ms=604800000, wanted is 86400000`],
  ])
})

test('more replicas than brokers is one clear sentence', async () => {
  const topic = { name: randomName('wide'), partitions: 1, replication: 3, config: {} }
  await expect(createTopics(connection(), [topic])).rejects.toThrow(/too few brokers for 3 replicas/)
})
