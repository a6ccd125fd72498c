import type { Logger } from 'pino'
import type { Settings } from '../config/settings.ts'
import type { KafkaConnection } from '../kafka/client/connection.ts'
import { foreignMembers, groupMembers } from '../kafka/group/group-members.ts'
import { withDeadline } from '../lifecycle/time.ts'
import type { KafkaMetrics } from '../telemetry/kafka-metrics.ts'

const LOOK_EACH_MS = 120_000
const STOP_MS = 1000

export interface GroupWatchOptions {
  readonly groupId: string
  readonly topics: readonly string[]
}

export interface GroupWatchDeps {
  readonly kafka: KafkaConnection
  readonly log: Logger
  readonly kafkaMetrics: Pick<KafkaMetrics, 'groupForeignMembers'>
}

/** Looks who shares the bridge's groups: what a foreign member is assigned, this bridge never sees. */
export interface GroupWatch {
  /**
   * To be called when the group has changed: looks now, and then every other minute. Every instance does, rather than the holder,
   * because a stranger may have been assigned the log, and nobody holds it then.
   */
  rebalanced(): void
  stop(): Promise<void>
}

export function createGroupWatch(settings: Settings, groups: readonly GroupWatchOptions[], deps: GroupWatchDeps): GroupWatch {
  const { kafka, log, kafkaMetrics } = deps
  const said = new Map<string, string>()
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<void> = Promise.resolve()
  let isLooking = false
  let isOutdated = false
  let isStopped = false

  async function look({ groupId, topics }: GroupWatchOptions): Promise<void> {
    const members = await groupMembers(kafka, groupId)
    // A member without its subscription is just joining: who that is, the next look says.
    const settled = members.filter((member) => member.topics !== undefined)
    const foreign = foreignMembers({ clientId: settings.kafka_client_id, topics }, settled)
    kafkaMetrics.groupForeignMembers.set({ group: groupId }, foreign.length)
    const text = foreign.join('; ')
    if (text !== '' && text !== said.get(groupId)) log.warn({ group: groupId, members: foreign }, FOREIGN_MEMBERS)
    said.set(groupId, text)
  }
  const lookAtAll = () => {
    isOutdated = isLooking
    if (isLooking || isStopped) return
    isLooking = true
    looking = Promise.all(groups.map(look))
      .catch((error: unknown) => log.debug({ err: error }, 'the members of the own groups could not be asked for'))
      .then(() => {
        isLooking = false
        if (isOutdated) lookAtAll() // the group has changed under the look
      })
  }

  return {
    rebalanced() {
      if (isStopped) return
      clearInterval(timer)
      lookAtAll()
      timer = setInterval(lookAtAll, LOOK_EACH_MS)
    },
    async stop() {
      isStopped = true
      clearInterval(timer)
      await withDeadline(looking, STOP_MS, 'looking at the groups').catch(() => {})
    },
  }
}

const FOREIGN_MEMBERS =
  'somebody else is a member of a consumer group of this bridge and takes records that this bridge then never sees: ' +
  'give that program a group of its own, or each bridge a bridge_id of its own'
