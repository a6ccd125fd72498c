import type { TopicRole } from '../../messages/topics.ts'
import { type Finding, fail, ok, warn } from '../finding.ts'
import type { ClusterFacts } from '../ports.ts'
import { RIGHTS_OF_GROUP, rightsOfTopic } from './kafka-rights.ts'

export interface KafkaNeeds {
  readonly isRelay: boolean
  /** The names of the topics, by role. */
  readonly topics: Readonly<Record<TopicRole, string>>
}

/** The first release of Kafka with each version of Fetch. */
const RELEASES: readonly [fetchVersion: number, release: string][] = [
  [18, '4.1'],
  [17, '3.9'],
  [16, '3.7'],
  [15, '3.5'],
  [13, '3.1'],
  [12, '2.7'],
]

/** The cluster, and what this user may do there. */
export function judgeCluster(facts: ClusterFacts, needs: KafkaNeeds): Finding[] {
  return [...brokerFindings(facts), ...topicRights(facts, needs), ...(needs.isRelay ? groupRights(facts) : []), throttling(facts)]
}

function brokerFindings({ brokers, fetchVersion }: ClusterFacts): Finding[] {
  const release = RELEASES.find(([version]) => fetchVersion >= version)?.[1]
  const version =
    release === undefined
      ? fail(`the brokers are older than Kafka 2.7 (Fetch up to version ${fetchVersion})`, 'use Kafka 2.8 or later')
      : ok(`Kafka ${release} or newer, ${brokers.length} broker${brokers.length === 1 ? '' : 's'} in the cluster`)
  const lost = brokers.flatMap(({ nodeId, address, fault }) =>
    fault === undefined
      ? []
      : [
          fail(
            `broker ${nodeId} advertises itself as ${address}, and does not work from here: ${fault}`,
            'start the broker, or set its advertised.listeners to an address that this host reaches',
          ),
        ],
  )
  return [version, ...lost]
}

/** Topics that do not exist are reported with their settings. */
function topicRights({ topics }: ClusterFacts, { isRelay, topics: names }: KafkaNeeds): Finding[] {
  const findings = (Object.entries(names) as [TopicRole, string][]).flatMap(([role, name]) => {
    const needed = rightsOfTopic(role, { isRelay })
    const found = topics.find(({ topic }) => topic === name)
    if (needed.length === 0 || found === undefined) return []
    if (found.state === 'hidden') return [denied(`the topic ${name}`, needed)]
    const missing = found.operations ? needed.filter((operation) => !found.operations?.includes(operation)) : []
    return missing.length > 0 ? [denied(`the topic ${name}`, missing)] : []
  })
  const existing = topics.filter(({ state }) => state === 'exists').length
  return findings.length > 0 || existing === 0 ? findings : [ok(`this user has the rights that it needs on ${counted(existing)}`)]
}

function groupRights({ groups }: ClusterFacts): Finding[] {
  const findings = groups.flatMap(({ group, isHidden, operations }) => {
    if (isHidden) return [denied(`the group ${group}`, RIGHTS_OF_GROUP)]
    const missing = operations ? RIGHTS_OF_GROUP.filter((operation) => !operations.includes(operation)) : []
    return missing.length > 0 ? [denied(`the group ${group}`, missing)] : []
  })
  const known = groups.filter(({ operations }) => operations !== undefined).length
  return findings.length > 0 || known < groups.length
    ? findings
    : [ok(`this user may use the groups ${groups.map(({ group }) => group).join(' and ')}`)]
}

function denied(what: string, operations: readonly string[]): Finding {
  return fail(
    `this user lacks ${operations.join(', ')} on ${what}`,
    'grant it with kafka-acls; docs/kafka.md lists what each command needs',
  )
}

function throttling({ throttledMs }: ClusterFacts): Finding {
  return throttledMs === 0
    ? ok('no quota delayed the requests of the doctor')
    : warn(`a quota delayed a request for ${throttledMs} ms`, 'raise the quota of this client id or user with kafka-configs')
}

/** A difference between a topic and what the settings require, as `topics check` finds it. */
export interface TopicDifference {
  readonly severity: 'error' | 'warning'
  readonly problem: string
  readonly fix: string
}

export interface TopicComparison {
  /** The topics that do not exist. */
  readonly missing: readonly string[]
  readonly differences: readonly TopicDifference[]
  /** How many topics exist and were compared. */
  readonly compared: number
}

export function judgeTopics({ missing, differences, compared }: TopicComparison): Finding[] {
  if (missing.length > 0) {
    const absent = fail(`these topics do not exist: ${missing.join(', ')}`, 'gossip-bridge topics create')
    return [absent, ...(differences.length > 0 ? judgeTopics({ missing: [], differences, compared }) : [])]
  }
  if (differences.length === 0) return [ok(`${counted(compared)} as the settings require`)]
  return differences.map(({ severity, problem, fix }) => (severity === 'error' ? fail : warn)(problem, fix))
}

/** How far a record may seem to lie ahead, by the granularity of NTP and the network. */
const TOLERANCE_MS = 2000
/** Each instance writes a record to the event log once a minute. */
const RECENT_MS = 90_000

/**
 * This host's clock against the brokers': the newest record of the event log has the broker's time. An old record proves only that our
 * clock is not behind. `newestAt` is undefined for an empty event log. Times in ms since the epoch.
 */
export function judgeBrokerClock({ newestAt, now }: { newestAt: number | undefined; now: number }): Finding {
  if (newestAt === undefined) return ok('the clocks of the brokers cannot be compared yet: the event log is empty')
  const ageMs = now - newestAt
  if (ageMs < -TOLERANCE_MS)
    return fail(
      `this host's clock is at least ${Math.round(-ageMs / 1000)} s behind the brokers': the newest event is from its future`,
      'mend the time service (NTP) of this host, or that of the broker that leads the event log',
    )
  return ageMs <= RECENT_MS
    ? ok(`the newest event, by the brokers' clock, is ${Math.max(0, Math.round(ageMs / 1000))} s old by ours`)
    : ok(`this host's clock is not behind the brokers'; no event is new enough to compare more`)
}

/** Kafka cannot be asked at all. `trouble`: what the client makes of the error. */
export function judgeKafkaTrouble({
  trouble,
  message,
  brokers,
}: {
  trouble: string
  message: string
  brokers: readonly string[]
}): Finding {
  const at = brokers.join(', ')
  if (trouble === 'away')
    return fail(`Kafka at ${at} gives no answer to requests (${message})`, 'start it, or correct kafka_brokers and kafka_ssl_enabled')
  if (trouble === 'unauthenticated')
    return fail(`Kafka at ${at} does not accept user, password or certificate (${message})`, 'correct kafka_sasl_* and kafka_ssl_*')
  if (trouble === 'unauthorized')
    return fail(
      `this user may not ask Kafka for that (${message})`,
      'grant it with kafka-acls; docs/kafka.md lists what each command needs',
    )
  return fail(`asking Kafka failed: ${message}`, 'run the doctor again with --log-level debug')
}

/** Whether a bootstrap broker takes connections. One that does not is a warning: the others name the rest of the cluster. */
export function judgeBootstrap(states: readonly { readonly broker: string; readonly fault: string | undefined }[]): Finding[] {
  const lost = states.filter(({ fault }) => fault !== undefined)
  if (lost.length === 0) return [ok(`${states.map(({ broker }) => broker).join(', ')} take${states.length === 1 ? 's' : ''} connections`)]
  const grade = lost.length === states.length ? fail : warn
  return lost.map(({ broker, fault }) => grade(`the bootstrap broker ${broker} ${fault}`, 'start it, or correct kafka_brokers'))
}

function counted(topics: number): string {
  return topics === 1 ? 'one topic' : `${topics} topics`
}
