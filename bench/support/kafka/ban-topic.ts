import type { BenchContext } from '../bench.ts'
import type { BenchNode } from '../bridge.ts'
import { benchCodec } from '../codec.ts'
import { connectKafka, startProducer } from './kafka-client.ts'

export interface Command {
  readonly action: 'add' | 'remove'
  readonly key: string
}

/** Gives ban commands by their topic, all in one produce. Resolves when they are acknowledged. */
export async function createBanTopic(
  node: BenchNode,
  { kafka, scope }: BenchContext,
): Promise<(commands: readonly Command[]) => Promise<unknown>> {
  const codec = benchCodec()
  const producer = await startProducer(connectKafka(kafka.brokers), { lingerMs: 0 })
  scope.add(() => producer.stop())
  return (commands) => {
    const records = commands.map((command) => {
      const rest = { until: null, durationSeconds: null, permanent: command.action === 'add', reason: 'bench' }
      return { key: command.key, value: codec.encode('banCommands', { ...command, ...rest }), headers: {} }
    })
    return producer.sendAll(node.topic('ban-commands'), records, { partition: 0 })
  }
}
