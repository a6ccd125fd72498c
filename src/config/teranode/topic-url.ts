/** What a URL such as `kafka://host1:9092,host2/blocks?partitions=1&replication=3&retention=60000` says. */
export interface TopicUrl {
  readonly brokers: readonly string[]
  readonly topic: string
  readonly partitions: number | undefined
  readonly replication: number | undefined
  readonly retentionMs: number | undefined
}

/** A URL of a topic, or what is wrong with it, as the end of a sentence that does not repeat it. */
export function parseTopicUrl(text: string): TopicUrl | { readonly fault: string } {
  const [, scheme = '', hosts = '', topic = '', query = ''] = /^(\w+):\/\/([^/?]*)\/([^?]*)\??(.*)$/.exec(text) ?? []
  if (scheme === 'memory')
    return { fault: 'is memory://, a topic within the node’s own process: set KAFKA_SCHEMA=kafka, or another settings context' }
  const brokers = hosts
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '')
  if (scheme !== 'kafka' || brokers.length === 0) return { fault: 'should be a URL such as kafka://host:9092/topic?partitions=1' }
  if (hosts.includes('@')) return { fault: 'has a user or password, which Teranode does not read: use kafka_sasl_*' }
  if (!/^[A-Za-z0-9._-]{1,200}$/.test(topic)) return { fault: 'should name one topic: kafka://host:9092/topic' }
  const parameters = new URLSearchParams(query)
  return {
    brokers,
    topic,
    partitions: positive(parameters.get('partitions')),
    replication: positive(parameters.get('replication')),
    retentionMs: positive(parameters.get('retention')),
  }
}

/** As Teranode does, a value that is no number counts as missing. */
function positive(text: string | null): number | undefined {
  const number = /^\d{1,15}$/.test(text ?? '') ? Number(text) : 0
  return number > 0 ? number : undefined
}
