import type { Command } from 'commander'
import { kafkaOptions } from '../../config/kafka-options.ts'
import { printableJson } from '../../config/printable.ts'
import type { Settings } from '../../config/settings.ts'
import { topicEncodings } from '../../config/topic-names.ts'
import type { KafkaConnection } from '../../kafka/client/connection.ts'
import type { TopicRole } from '../../messages/topics.ts'
import type { CliContext } from '../context.ts'
import { kafkaFailure } from '../kafka-failure.ts'
import { type RoleTopic, wantedTopics } from './wanted-topics.ts'

/** `gossip-bridge topics create | list | describe | check`. */
export function addTopicsCommand(program: Command, context: CliContext): void {
  const topics = program.command('topics').description('Create, list, describe and check the topics of the bridge')
  const run = (action: Action) => (_options: unknown, command: Command) => withKafka(action, context.settings(command), context)

  topics.command('create').description('Create the topics that are missing; existing ones stay as they are').action(run(create))
  topics.command('list').description('List the topics of the bridge and whether they exist').action(run(list))
  topics.command('describe').description('Print partitions, replicas and settings of each topic, as lines of JSON').action(run(describe))
  topics.command('check').description('Print the faults of the topics; exit code 1 if the bridge cannot work with them').action(run(check))
}

interface Tools {
  readonly kafka: KafkaConnection
  readonly wanted: readonly RoleTopic[]
  readonly settings: Settings
  readonly admin: typeof import('../../kafka/admin/topics.ts')
}

type Action = (tools: Tools, context: CliContext) => Promise<void>

async function create({ kafka, wanted, admin }: Tools, context: CliContext): Promise<void> {
  const { created, existed } = await admin.createTopics(kafka, wanted)
  for (const name of created) context.print(`created ${name}`)
  for (const name of existed) context.print(`exists  ${name}`)
}

async function list({ kafka, wanted, admin, settings }: Tools, context: CliContext): Promise<void> {
  const existing = new Set(await admin.listTopics(kafka))
  const width = Math.max(...wanted.map(({ name }) => name.length))
  const encodingOf: Partial<Record<TopicRole, string>> = topicEncodings(settings)
  for (const { name, role } of wanted) {
    const state = existing.has(name) ? 'exists' : 'missing'
    context.print([name.padEnd(width), state.padEnd(7), (encodingOf[role] ?? '-').padEnd(8), role].join('  '))
  }
  if (wanted.some(({ name }) => !existing.has(name))) context.tell('`gossip-bridge topics create` creates those that are missing.')
}

async function describe({ kafka, wanted, admin }: Tools, context: CliContext): Promise<void> {
  const names = wanted.map(({ name }) => name)
  const states = await admin.describeTopics(kafka, names)
  for (const state of states) context.print(printableJson(JSON.stringify({ ...state, config: worthKnowing(state.config) })))
  const missing = names.filter((name) => !states.some((state) => state.name === name))
  if (missing.length > 0) context.tell(`Missing: ${missing.join(', ')}. \`gossip-bridge topics create\` creates them.`)
}

/** The settings of a topic that affect the bridge's records. */
function worthKnowing(config: Readonly<Record<string, string>>): Record<string, string | undefined> {
  const names = ['cleanup.policy', 'retention.ms', 'retention.bytes', 'message.timestamp.type', 'max.message.bytes', 'min.insync.replicas']
  return Object.fromEntries(names.map((name) => [name, config[name]]))
}

async function check({ kafka, wanted: all, admin, settings }: Tools, context: CliContext): Promise<void> {
  const wanted = all.filter(({ role }) => isUsed(role, settings.roles))
  const findings = await admin.checkTopics(kafka, wanted)
  for (const { severity, problem, fix } of findings) context.print(`${severity}: ${problem}. ${capitalised(fix)}`)
  if (findings.length === 0)
    context.print(`${wanted.length === 1 ? 'The topic matches' : `All ${wanted.length} topics match`} the settings.`)
  if (findings.some(({ severity }) => severity === 'error')) context.setExitCode(1)
}

/** A process that only serves browsers reads the event log, and no other topic. */
function isUsed(role: TopicRole, roles: Settings['roles']): boolean {
  return roles.includes('relay') || role === 'events'
}

async function withKafka(action: Action, settings: Settings, context: CliContext): Promise<void> {
  // Imported only here: the Kafka client takes a while to load, and `--help` should not wait for it.
  const [{ createKafka }, admin] = await Promise.all([import('../../kafka/client/connection.ts'), import('../../kafka/admin/topics.ts')])
  const kafka = createKafka(kafkaOptions(settings), { log: context.log(settings) })
  const wanted = wantedTopics(settings)
  try {
    await action({ kafka, wanted, admin, settings }, context)
  } catch (error) {
    throw kafkaFailure(error, { brokers: settings.kafka_brokers, topics: wanted.map(({ name }) => name) })
  }
}

/** A fix is a command, whose case is kept, or a clause. */
function capitalised(fix: string): string {
  return /^(gossip-bridge|kafka-)/.test(fix) ? `Type: ${fix}` : `${fix.charAt(0).toUpperCase()}${fix.slice(1)}.`
}
