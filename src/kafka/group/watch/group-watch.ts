import type { Logger } from 'pino'
import type { Health } from '../../../lifecycle/health.ts'
import { withDeadline } from '../../../lifecycle/time.ts'
import type { KafkaMetrics } from '../../../telemetry/kafka-metrics.ts'
import type { KafkaConnection } from '../../client/connection.ts'
import { type ExpectedMember, judgeMembers } from './foreign-members.ts'
import { describeGroup, type GroupDescription } from './group-members.ts'
import { unreadTopics } from './unread-topics.ts'

export interface GroupWatchOptions {
  readonly clientId: string
  readonly groups: readonly { readonly groupId: string; readonly topics: readonly string[] }[]
  readonly lookEachMs?: number
}

export interface GroupWatchDeps {
  readonly kafka: Pick<KafkaConnection, 'cluster'>
  readonly log: Logger
  readonly health: Pick<Health, 'note'>
  readonly metrics: Pick<KafkaMetrics, 'groupForeignMembers'>
}

/** Checks the members of the bridge's groups: this bridge never sees the partitions of a foreign member. */
export interface GroupWatch {
  /**
   * Call it when a group has changed: checks now, and then every other minute. Every instance does, not only the primary: when a foreign
   * member has the event log, no primary exists.
   */
  rebalanced(): void
  stop(): Promise<void>
}

const LOOK_EACH_MS = 120_000
const STOP_MS = 1000

export function createGroupWatch({ clientId, groups, lookEachMs = LOOK_EACH_MS }: GroupWatchOptions, deps: GroupWatchDeps): GroupWatch {
  const { kafka, log, health } = deps
  const reports = groups.map(({ groupId, topics }) => ({ groupId, report: new MembersReport({ groupId, clientId, topics }, deps) }))
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  let isLooking = false
  let isOutdated = false
  let isStopped = false

  const lookAtAll = () => {
    isOutdated = isLooking
    if (isLooking || isStopped) return
    isLooking = true
    looking = Promise.all(reports.map(async ({ groupId, report }) => report.found(await describeGroup(kafka, groupId))))
      .catch((error: unknown) => log.debug({ err: error }, 'the members of the own groups could not be asked for'))
      .then(() => {
        isLooking = false
        if (isOutdated) lookAtAll() // the group changed during the look
      })
  }

  health.note('group members', () => reports.flatMap(({ report }) => report.sentence() ?? []).join('; ') || 'instances of this bridge only')
  return {
    rebalanced() {
      if (isStopped) return
      clearInterval(timer)
      lookAtAll()
      timer = setInterval(lookAtAll, lookEachMs)
    },
    async stop() {
      isStopped = true
      clearInterval(timer)
      await withDeadline(looking, STOP_MS, 'looking at the groups').catch(() => {})
    },
  }
}

/** Reports the findings about the members of one group: in the log when they change, in readiness and metrics while they last. */
class MembersReport {
  readonly #groupId: string
  readonly #expected: ExpectedMember
  readonly #deps: Pick<GroupWatchDeps, 'log' | 'metrics'>
  #said = ''
  #sentence: string | undefined

  constructor({ groupId, ...expected }: ExpectedMember & { groupId: string }, deps: Pick<GroupWatchDeps, 'log' | 'metrics'>) {
    this.#groupId = groupId
    this.#expected = expected
    this.#deps = deps
  }

  sentence(): string | undefined {
    return this.#sentence
  }

  found({ protocol, members }: GroupDescription): void {
    const { log, metrics } = this.#deps
    const group = this.#groupId
    // A member without a subscription is still joining: the next check identifies it.
    const settled = members.filter((member) => member.topics !== undefined)
    const { foreign, otherReleases } = judgeMembers(this.#expected, settled)
    metrics.groupForeignMembers.set({ group }, foreign.length)
    const unread = foreign.length > 0 ? [] : unreadTopics(this.#expected.topics, members)
    this.#sentence = sentenceAbout(group, foreign, unread)
    const said = [protocol, ...foreign, ...otherReleases, ...unread].join('; ')
    if (said === this.#said) return
    this.#said = said
    if (foreign.length > 0) log.warn({ group, protocol, members: foreign }, FOREIGN_MEMBERS)
    if (otherReleases.length > 0) log.info({ group, members: otherReleases }, 'instances of another release share the group')
    if (unread.length > 0) log.warn({ group, topics: unread }, UNREAD)
  }
}

function sentenceAbout(group: string, foreign: readonly string[], unread: readonly string[]): string | undefined {
  if (foreign.length > 0) return `${group} has foreign members, whose records this bridge never sees: ${foreign.join('; ')}`
  return unread.length > 0 ? `${group} does not assign all of ${unread.join(', ')} to instances that read it: ${OLDER_LEADER}` : undefined
}

const OLDER_LEADER = 'an instance of an older release leads the group; stop the older instances'
const UNREAD = `nobody reads all of these topics, their records wait in Kafka: ${OLDER_LEADER}`

const FOREIGN_MEMBERS =
  'somebody else is a member of a consumer group of this bridge and takes records that this bridge then never sees: ' +
  'give that program a group of its own, or each bridge a bridge_id of its own'
