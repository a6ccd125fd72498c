import { spawn } from 'node:child_process'
import { type CommandResult, runCommand } from '../programs/command.ts'
import { ensureKafka } from './distribution.ts'

/** Kafka's own command line tools by the names of its scripts, without `kafka-` and `.sh`. */
export const KAFKA_TOOLS = {
  topics: 'org.apache.kafka.tools.TopicCommand',
  'console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  configs: 'org.apache.kafka.tools.ConfigCommand',
  acls: 'org.apache.kafka.tools.AclCommand',
  'delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'dump-log': 'org.apache.kafka.tools.DumpLogSegments',
  'metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  features: 'org.apache.kafka.tools.FeatureCommand',
  'share-groups': 'org.apache.kafka.tools.consumer.group.ShareGroupCommand',
  'console-share-consumer': 'org.apache.kafka.tools.consumer.ConsoleShareConsumer',
  'leader-election': 'org.apache.kafka.tools.LeaderElectionCommand',
} as const

/** The classes of earlier releases, and the last line of releases that has them. */
const EARLIER: Partial<Record<keyof typeof KAFKA_TOOLS, { readonly until: readonly [number, number]; readonly program: string }>> = {
  configs: { until: [4, 1], program: 'kafka.admin.ConfigCommand' },
  'dump-log': { until: [4, 1], program: 'kafka.tools.DumpLogSegments' },
  'console-producer': { until: [3, 9], program: 'kafka.tools.ConsoleProducer' },
  acls: { until: [3, 9], program: 'kafka.admin.AclCommand' },
  'broker-api-versions': { until: [3, 9], program: 'kafka.admin.BrokerApiVersionsCommand' },
}

export type KafkaTool = keyof typeof KAFKA_TOOLS

export interface KafkaToolOptions {
  timeoutMs?: number
  /** Text for its standard input, for the console producer. */
  input?: string
}

/** Runs one of Kafka's own tools, with the jars of the local brokers, to its end or its deadline: two minutes, since a busy machine needs half a minute to start Java. */
export async function runKafkaTool(tool: KafkaTool, args: string[], options: KafkaToolOptions = {}): Promise<CommandResult> {
  const input = options.input === undefined ? {} : { input: options.input }
  return runCommand('java', await javaArguments(tool, args, () => {}), { timeoutMs: options.timeoutMs ?? 120_000, ...input })
}

/** Runs one of Kafka's own tools from a terminal, with our standard input and output. Resolves with its exit code. */
export async function runKafkaToolHere(args: string[]): Promise<number> {
  const [name = '', ...rest] = args
  const tool = name.replace(/^kafka-/, '').replace(/\.sh$/, '')
  if (!isKafkaTool(tool)) {
    console.error(
      `kafka-tool: ${name === '' ? 'which tool?' : `there is no tool ${name}.`} Known are ${Object.keys(KAFKA_TOOLS).join(', ')}.`,
    )
    return 64
  }
  const child = spawn('java', await javaArguments(tool, rest, (line) => console.error(`kafka-tool: ${line}`)), { stdio: 'inherit' })
  process.on('SIGINT', () => {}) // the tool gets Ctrl-C too and handles it; a consumer prints its count first
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)))
}

function isKafkaTool(name: string): name is KafkaTool {
  return Object.hasOwn(KAFKA_TOOLS, name)
}

async function javaArguments(tool: KafkaTool, args: string[], say: (line: string) => void): Promise<string[]> {
  const { version, classPath } = await ensureKafka(say)
  // Without a configuration Log4j complains about that, then prints errors only: right for a tool.
  const quiet = ['-Xmx256m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Dlog4j2.level=ERROR', '-Dlog4j2.StatusLogger.level=OFF']
  return [...quiet, '-cp', classPath, programOf(tool, version), ...args]
}

function programOf(tool: KafkaTool, version: string): string {
  const earlier = EARLIER[tool]
  if (!earlier) return KAFKA_TOOLS[tool]
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [lastMajor, lastMinor] = earlier.until
  return major < lastMajor || (major === lastMajor && minor <= lastMinor) ? earlier.program : KAFKA_TOOLS[tool]
}
