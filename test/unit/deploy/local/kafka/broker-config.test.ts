import { expect, test } from 'vitest'
import { clusterId, type KafkaNode, metaProperties, serverProperties } from '../../../../../deploy/local/kafka/broker-config.ts'

const nodes: KafkaNode[] = [1, 2, 3].map((id) => ({ id, port: 20_000 + id, controllerPort: 21_000 + id, directory: `/tmp/broker-${id}` }))
const [first = { id: 0, port: 0, controllerPort: 0, directory: '' }] = nodes

test('a single broker keeps one copy of everything', () => {
  const lines = serverProperties(first, [first]).split('\n')
  expect(lines).toContain('listeners=PLAINTEXT://127.0.0.1:20001,CONTROLLER://127.0.0.1:21001')
  expect(lines).toContain('controller.quorum.voters=1@127.0.0.1:21001')
  expect(lines).toContain('offsets.topic.replication.factor=1')
  expect(lines).toContain('min.insync.replicas=1')
})

test('three brokers know each other and keep three copies, two of them in sync', () => {
  const lines = serverProperties(first, nodes).split('\n')
  expect(lines).toContain('controller.quorum.voters=1@127.0.0.1:21001,2@127.0.0.1:21002,3@127.0.0.1:21003')
  expect(lines).toContain('default.replication.factor=3')
  expect(lines).toContain('min.insync.replicas=2')
})

test('settings of the caller win over the defaults, once each', () => {
  const lines = serverProperties(first, [first], { 'broker.session.timeout.ms': '9000' }).split('\n')
  expect(lines.filter((line) => line.startsWith('broker.session.timeout.ms='))).toEqual(['broker.session.timeout.ms=9000'])
})

test('cluster ids are what Kafka takes: 22 characters that do not begin with a dash', () => {
  for (let i = 0; i < 500; i++) expect(clusterId()).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/)
})

test('the meta file carries the cluster and the node', () => {
  expect(metaProperties(first, 'abc')).toBe('version=1\ncluster.id=abc\nnode.id=1\n')
})
