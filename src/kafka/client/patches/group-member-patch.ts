import { createRequire } from 'node:module'
import { SYSTEM_CLOCK } from '../../../lifecycle/clock.ts'
import { sleep } from '../../../lifecycle/time.ts'
import { kafkaErrorType, troubleOf } from '../trouble.ts'

/** Fields of the events HEARTBEAT and GROUP_JOIN in addition to kafkajs's own. */
export interface MemberSign {
  readonly memberId: string
  readonly groupGenerationId: number
  /** When the request was sent whose answer confirmed the membership, by the steady clock. */
  readonly sentAt: number
}

/** Fields of the event GROUP_JOIN in addition to those. */
export interface JoinSign extends MemberSign {
  /** How many partitions each subscribed topic has. */
  readonly partitions: ReadonlyMap<string, number>
}

/** What an assigner may have in addition: it is the only object of ours that kafkajs gives to a member. */
export interface MemberAssigner {
  /** Whether the leader has to assign again. */
  isOutdated?(): Promise<boolean>
  /** Resolves when the next heartbeat may be sent; for a healthy member this may be later than `ms`. */
  rest?(ms: number): Promise<void>
}

/** kafkajs's member of a consumer group: the parts that are used or replaced here. */
interface ConsumerGroup {
  readonly cluster: {
    refreshMetadataIfNecessary(): Promise<void>
    findGroupCoordinator(options: { groupId: string }): Promise<Coordinator>
    removeBroker(address: { host: string; port: number }): void
  }
  readonly instrumentationEmitter: { emit(type: string, payload: object): void }
  readonly maxWaitTime: number
  readonly sessionTimeout: number
  readonly groupId: string
  coordinator: Coordinator
  readonly generationId: number
  readonly leaderId: string
  readonly groupProtocol: string
  readonly topicsSubscribed: readonly string[]
  readonly assigners: readonly MemberAssigner[]
  memberId: string | null
  partitionsPerSubscribedTopic: ReadonlyMap<string, readonly number[]> | null
  assigned(): readonly { topic: string; partitions: readonly number[] }[]
  isLeader(): boolean
  generatePartitionsPerSubscribedTopic(): ReadonlyMap<string, readonly number[]>
  /** These three are set by this patch. */
  heartbeatSentAt?: number
  heartbeatUnderWay?: Promise<void> | undefined
  isCoordinatorLost?: boolean
}

interface Coordinator {
  readonly connectionPool: { readonly host: string; readonly port: number }
  heartbeat(request: object): Promise<void>
  disconnect(): Promise<void>
}

interface Patched {
  getNodeIds(): string[]
  fetch(): Promise<unknown[]>
  heartbeat(options: { interval: number }): Promise<void>
  joinAndSync(): Promise<void>
}

type Step = (this: ConsumerGroup) => Promise<void>

/** Answers to a heartbeat after which a member rejoins. */
const NO_MEMBER = new Set(['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID'])
/** Answers to a join after which a member retries: the group rebalances, or another broker coordinates it now. */
const JOIN_AGAIN = new Set([...NO_MEMBER, 'NOT_COORDINATOR_FOR_GROUP', 'GROUP_LOAD_IN_PROGRESS', 'GROUP_COORDINATOR_NOT_AVAILABLE'])
const JOIN_AGAIN_MS = 100
/** A longer failure may be solved by a new member. */
const LONGEST_JOIN_MS = 5000

/**
 * Reduces the consumer group member of kafkajs 2.2.4 to its membership; it may run many times. Our own loop reads the records, and our
 * own requests fetch and commit the offsets. Unpatched, kafkajs
 * - reads: members rejoin when any leader moves and crash when one refuses connections, and aborted records are delivered;
 * - has a fetcher for each broker, creates them again when brokers come or go, and when stopped meanwhile leaves some behind that spin;
 * - decides by the wall clock when a heartbeat is due: setting the clock back stops heartbeats;
 * - crashes when a coordinator goes away or is just becoming one; the next member has another id, and the group waits for the old
 *   member's session. A group outlives its coordinator: the member finds the next one and continues in the same generation;
 * - does not report the generation that it joined.
 */
export function patchGroupMember(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup & Patched }
  const join = privateMethod(prototype, 'join')
  const sync = privateMethod(prototype, 'sync')

  /** One fetcher, however many brokers exist: it only paces the heartbeats. */
  prototype.getNodeIds = () => ['member']

  prototype.fetch = async function joinForNewPartitions(this: ConsumerGroup & Patched) {
    await this.cluster.refreshMetadataIfNecessary().catch((error: unknown) => {
      if (kafkaErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION') throw error // the topic is gone: the membership ends, and says so
    })
    if (hasOtherPartitions(this) || (await mustAssignAgain(this))) await this.joinAndSync()
    await rest(this)
    return []
  }

  prototype.heartbeat = function beatWhenDue(this: ConsumerGroup, { interval }) {
    this.heartbeatUnderWay ??= beat(this, interval).finally(() => {
      this.heartbeatUnderWay = undefined
    })
    return this.heartbeatUnderWay
  }

  prototype.joinAndSync = async function joinUntilTaken(this: ConsumerGroup) {
    const startedAt = SYSTEM_CLOCK.steady()
    for (;;) {
      try {
        await join.call(this)
        const sentAt = SYSTEM_CLOCK.steady()
        await sync.call(this)
        this.heartbeatSentAt = sentAt
        this.isCoordinatorLost = false
        emitJoined(this, sentAt, startedAt)
        return
      } catch (error) {
        const type = kafkaErrorType(error) ?? ''
        if (type === 'UNKNOWN_MEMBER_ID') this.memberId = null
        const mayTryAgain = JOIN_AGAIN.has(type) || (this.memberId !== null && troubleOf(error) === 'away')
        if (!mayTryAgain || SYSTEM_CLOCK.steady() - startedAt > LONGEST_JOIN_MS) throw error
        await sleep(JOIN_AGAIN_MS)
      }
    }
  }
}

async function beat(group: ConsumerGroup, interval: number): Promise<void> {
  const { memberId, groupId, generationId, heartbeatSentAt = Number.NEGATIVE_INFINITY } = group
  if (!memberId || SYSTEM_CLOCK.steady() < heartbeatSentAt + interval) return
  try {
    if (group.isCoordinatorLost) group.coordinator = await group.cluster.findGroupCoordinator({ groupId })
    const sentAt = SYSTEM_CLOCK.steady()
    const request = { groupId, memberId, groupGenerationId: generationId }
    await group.coordinator.heartbeat(request)
    group.isCoordinatorLost = false
    group.heartbeatSentAt = sentAt
    group.instrumentationEmitter.emit('consumer.heartbeat', { ...request, sentAt })
  } catch (error) {
    const isOver = SYSTEM_CLOCK.steady() - heartbeatSentAt > group.sessionTimeout
    if (isOver || NO_MEMBER.has(kafkaErrorType(error) ?? '') || troubleOf(error) !== 'away') throw error
    if (!group.isCoordinatorLost) leaveCoordinator(group)
  }
}

/** A member that looks for its coordinator again does not take its time. */
async function rest({ assigners, maxWaitTime, isCoordinatorLost }: ConsumerGroup): Promise<void> {
  const own = isCoordinatorLost ? undefined : assigners.find((assigner) => assigner.rest)
  await (own?.rest ? own.rest(maxWaitTime) : sleep(maxWaitTime))
}

/** Not awaited, because a frozen broker does not answer; the next use of this broker opens a new connection. */
function leaveCoordinator(group: ConsumerGroup): void {
  const { coordinator, cluster } = group
  group.isCoordinatorLost = true
  const { host, port } = coordinator.connectionPool
  cluster.removeBroker({ host, port })
  coordinator.disconnect().catch(() => {})
}

/** Partitions were added, or the topic was created again with fewer. */
function hasOtherPartitions(group: ConsumerGroup): boolean {
  const known = group.partitionsPerSubscribedTopic
  if (!known) return false
  return [...group.generatePartitionsPerSubscribedTopic()].some(([topic, { length }]) => known.get(topic)?.length !== length)
}

/** Only the leader assigns, and its own topics say nothing about those of other members; see subscription-assigner.ts. */
async function mustAssignAgain(group: ConsumerGroup): Promise<boolean> {
  if (!group.isLeader()) return false
  const outdated = await Promise.all(group.assigners.map((assigner) => assigner.isOutdated?.()))
  return outdated.includes(true)
}

function emitJoined(group: ConsumerGroup, sentAt: number, startedAt: number): void {
  const { groupId, memberId, leaderId, groupProtocol, generationId } = group
  group.instrumentationEmitter.emit('consumer.group_join', {
    groupId,
    memberId,
    leaderId,
    isLeader: group.isLeader(),
    memberAssignment: Object.fromEntries(group.assigned().map(({ topic, partitions }) => [topic, partitions])),
    groupProtocol,
    duration: SYSTEM_CLOCK.steady() - startedAt,
    groupGenerationId: generationId,
    sentAt,
    partitions: new Map([...(group.partitionsPerSubscribedTopic ?? [])].map(([topic, { length }]) => [topic, length])),
  })
}

function privateMethod(prototype: object, name: string): Step {
  const key = Object.getOwnPropertySymbols(prototype).find(({ description }) => description === `private:ConsumerGroup:${name}`)
  if (!key) throw new Error(`kafkajs's ConsumerGroup has no private method ${name}: this build was made for kafkajs 2.2.4`)
  return (prototype as Record<symbol, Step>)[key] as Step
}
