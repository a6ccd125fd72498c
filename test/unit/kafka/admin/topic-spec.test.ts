import { expect, test } from 'vitest'
import { compareTopic } from '../../../../src/kafka/admin/topic-spec.ts'

const wanted = {
  name: 'p2p-events',
  partitions: 1,
  isPartitionCountFixed: true,
  replication: 3,
  config: { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '86400000' },
}
const asWanted = { name: 'p2p-events', partitions: 1, replication: 3, config: { ...wanted.config, 'segment.bytes': '1' } }

test('a topic in its wanted state has no findings, whatever other settings it has', () => {
  expect(compareTopic(wanted, asWanted, ['kafka-1:9092'])).toEqual([])
  expect(compareTopic(wanted, { ...asWanted, replication: 5 }, ['kafka-1:9092'])).toEqual([])
})

test.each([
  ['missing', undefined, 'error', /does not exist/, /topics create/],
  ['more partitions', { ...asWanted, partitions: 6 }, 'error', /has 6 partitions, wanted are 1/, /make it anew with 1/],
  ['fewer replicas', { ...asWanted, replication: 1 }, 'warning', /has 1 replicas, wanted are 3/, /reassign/],
  [
    'another timestamp type',
    { ...asWanted, config: { ...wanted.config, 'message.timestamp.type': 'CreateTime' } },
    'error',
    /message.timestamp.type=CreateTime, wanted is LogAppendTime/,
    /--add-config message.timestamp.type=LogAppendTime/,
  ],
  [
    'another retention',
    { ...asWanted, config: { ...wanted.config, 'retention.ms': '1000' } },
    'warning',
    /retention.ms=1000, wanted is 86400000/,
    /kafka-configs --bootstrap-server kafka-1:9092 --alter/,
  ],
])('%s is one finding with a fix', (_, found, severity, problem, fix) => {
  expect(compareTopic(wanted, found, ['kafka-1:9092'])).toEqual([
    { topic: 'p2p-events', severity, problem: expect.stringMatching(problem), fix: expect.stringMatching(fix) },
  ])
})

test('another number of partitions is only a warning when the number is not fixed', () => {
  const [finding] = compareTopic({ ...wanted, isPartitionCountFixed: false }, { ...asWanted, partitions: 6 }, ['kafka-1:9092'])
  expect(finding).toMatchObject({ severity: 'warning' })
})
