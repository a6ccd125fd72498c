import { onTestFinished } from 'vitest'
import { runKafkaTool } from '../../../../deploy/local/kafka/tool.ts'
import { createGroupConsumer } from '../../../../src/kafka/group/group-consumer.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { kafkaBrokers } from '../../../support/stack/shared-stack.ts'
import { connection, health, log, metrics, outgoing, producer, randomName } from '../parts.ts'

/** A started member of a group, with what it handled and what it shows. */
export async function member(topic: string, groupId = randomName('group'), { clientId = 'test' } = {}) {
  const handled: string[] = []
  const kafkaMetrics = metrics()
  const part = health()
  const deps = {
    kafka: connection({ clientId }),
    log,
    metrics: kafkaMetrics,
    health: part,
    isTransient: () => false,
    deadLetter: async () => {},
  }
  const group = createGroupConsumer(
    { groupId, topics: [topic], sessionTimeoutMs: 30_000, maxInFlight: 10 },
    { clock: SYSTEM_CLOCK, ...deps, handle: async ({ value }) => void handled.push(`${value}`) },
  )
  onTestFinished(() => group.stop())
  await group.start()
  const lag = async () => (await kafkaMetrics.groupLag.get()).values.map(({ value }) => value)
  return { group, groupId, handled, kafkaMetrics, part, lag }
}

/** The lag of a group by Kafka's own tool; NaN where it shows none. */
export async function toldLag(groupId: string): Promise<number> {
  const { stdout } = await runKafkaTool('consumer-groups', [
    '--bootstrap-server',
    kafkaBrokers().join(','),
    '--describe',
    '--group',
    groupId,
  ])
  const line = stdout.split('\n').find((each) => each.trim().startsWith(groupId))
  return Number(line?.trim().split(/\s+/)[5] ?? Number.NaN)
}

export async function send(topic: string, values: readonly string[]): Promise<void> {
  const lanes = await producer(connection())
  await lanes.sendAll(
    topic,
    values.map((value) => outgoing(value, value)),
  )
}

export const numbers = (count: number) => Array.from({ length: count }, (_, index) => `${index}`)
