import { randomBytes } from 'node:crypto'

/** The ports and the data directory of one broker of a local cluster. */
export interface KafkaNode {
  id: number
  port: number
  controllerPort: number
  directory: string
}

/** A cluster id in Kafka's form: 22 characters of base64url that do not begin with a dash. */
export function clusterId(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? `A${id.slice(1)}` : id
}

/**
 * For brokers that nobody kills. On a busy machine a heartbeat may come after the usual three seconds: the controller then takes the
 * broker for gone, and until the next one refuses each new topic, because it has too few brokers.
 */
export const STEADY: Readonly<Record<string, string>> = { 'broker.session.timeout.ms': '60000' }

/**
 * `server.properties` of one broker, which is a controller too: small, quick to start, quick to notice that another broker is
 * gone. `settings` wins over everything here.
 */
export function serverProperties(node: KafkaNode, cluster: readonly KafkaNode[], settings: Record<string, string> = {}): string {
  const replicas = `${Math.min(cluster.length, 3)}`
  const insync = cluster.length >= 3 ? '2' : '1'
  return lines({
    'process.roles': 'broker,controller',
    'node.id': `${node.id}`,
    'controller.quorum.voters': cluster.map((each) => `${each.id}@127.0.0.1:${each.controllerPort}`).join(','),
    listeners: `PLAINTEXT://127.0.0.1:${node.port},CONTROLLER://127.0.0.1:${node.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${node.port}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    'log.dirs': `${node.directory}/data`,
    'auto.create.topics.enable': 'false',
    // Defaults are 9000 and 2000: they determine how long a restart after SIGKILL and a fail-over take.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    // Default 1000: a follower that asks a new leader too early waits this long, once or twice; until then nothing is acknowledged.
    'replica.fetch.backoff.ms': '100',
    'min.insync.replicas': insync,
    'default.replication.factor': replicas,
    'offsets.topic.replication.factor': replicas,
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': insync,
    'transaction.state.log.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': insync,
    'share.coordinator.state.topic.num.partitions': '1',
    // Defaults are 3000 and 6000: a join would take 3 s, and no test could use a short session.
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'num.network.threads': '2',
    'num.io.threads': '2',
    'background.threads': '2',
    // The default of 128 MB does not fit into a small heap.
    'log.cleaner.dedupe.buffer.size': '2097152',
    'log.index.size.max.bytes': '1048576',
    ...settings,
  })
}

/** The file that `kafka-storage format` writes. With static voters a broker starts on a directory that has only this file. */
export function metaProperties(node: KafkaNode, cluster: string): string {
  return lines({ version: '1', 'cluster.id': cluster, 'node.id': `${node.id}` })
}

/** The broker logs to its standard output, which goes to the file that a failed start shows. */
export const LOG4J_PROPERTIES = lines({
  'appender.out.type': 'Console',
  'appender.out.name': 'out',
  'appender.out.layout.type': 'PatternLayout',
  'appender.out.layout.pattern': '%d{HH:mm:ss.SSS} %p %m (%c{1})%n',
  'rootLogger.level': 'WARN',
  'rootLogger.appenderRef.out.ref': 'out',
})

function lines(properties: Record<string, string>): string {
  return `${Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`
}
