import type { SettingName } from '../settings.ts'
import type { Fault } from '../settings-error.ts'
import type { ConfValues } from './conf-values.ts'
import { TOPIC_URLS } from './known-keys.ts'
import { parseTopicUrl, type TopicUrl } from './topic-url.ts'

interface FoundUrl {
  readonly key: keyof typeof TOPIC_URLS
  readonly origin: string
  readonly url: TopicUrl
}

/** Brokers, names, encodings, partitions and retention of the topics, from the URLs of Teranode. */
export function topicsOfUrls(values: ConfValues, take: (name: SettingName, value: string, origin: string) => void): Fault[] {
  const found: FoundUrl[] = []
  const faults: Fault[] = []
  for (const key of Object.keys(TOPIC_URLS) as (keyof typeof TOPIC_URLS)[]) {
    const value = values.get(key)
    if (value?.text === '') continue
    const url = value && (value.text === undefined ? { fault: value.fault } : parseTopicUrl(value.text))
    if (!url) continue
    if ('fault' in url)
      faults.push(faultAt(`kafka_topic_${TOPIC_URLS[key]}`, value.origin, value.text === undefined ? url.fault : `${key} ${url.fault}`))
    else found.push({ key, origin: value.origin, url })
  }
  for (const { key, origin, url } of found) {
    take(`kafka_topic_${TOPIC_URLS[key]}`, url.topic, origin)
    take(`encoding_${TOPIC_URLS[key]}`, 'protobuf', `${origin}: Teranode writes and reads Protobuf`)
  }
  takeBlocksFinal(values, take)
  const [first, ...others] = found
  if (!first) return faults
  take('kafka_brokers', first.url.brokers.join('|'), first.origin)
  const elsewhere = others.find(({ url }) => url.brokers.join() !== first.url.brokers.join())
  if (elsewhere)
    faults.push(
      faultAt('kafka_brokers', elsewhere.origin, `${elsewhere.key} has other brokers than ${first.key}: the bridge has one cluster`),
    )
  const replication = found.find(({ url }) => url.replication !== undefined)
  if (replication) take('kafka_replication_factor', String(replication.url.replication), replication.origin)
  const sizes = found.map(({ key, url }) => `${TOPIC_URLS[key]}:${url.partitions ?? 1}:${url.retentionMs ?? DEFAULT_RETENTION_MS}ms`)
  take('kafka_new_topics', sizes.join('|'), first.origin)
  return faults
}

/** Only the adapter reads it, and only on request: a wrong one is no fault. */
function takeBlocksFinal(values: ConfValues, take: (name: SettingName, value: string, origin: string) => void): void {
  const value = values.get('kafka_blocksFinalConfig')
  const url = value?.text ? parseTopicUrl(value.text) : undefined
  if (value && url && 'topic' in url) take('kafka_topic_blocks_final', url.topic, value.origin)
}

/** Of Teranode, in milliseconds, for a URL without `retention`. */
const DEFAULT_RETENTION_MS = 600_000

function faultAt(name: SettingName, origin: string, text: string): Fault {
  return { settings: [name], message: `${origin}: ${text}` }
}
