import { type Assigner, AssignerProtocol, type Cluster, type GroupMember, type GroupMemberAssignment } from 'kafkajs'
import type { Logger } from 'pino'
import type { Clock } from '../../../lifecycle/clock.ts'
import { withDeadline } from '../../../lifecycle/time.ts'
import { sendRequest, UnsupportedApiError } from '../../client/raw-request.ts'
import { TOPIC_METADATA, type TopicMetadata } from '../../wire/api/topic-metadata.ts'
import { KafkaAnswerError } from '../../wire/error-codes.ts'
import { assignPartitions, type Subscriber, type TopicPartitions } from './assign-partitions.ts'
import { subscribedTopics, subscriptionMetadata } from './subscription.ts'

export interface SubscriptionAssignerDeps {
  readonly log: Pick<Logger, 'warn'>
  readonly clock: Pick<Clock, 'steady'>
}

/** An assigner that says when its assignment no longer fits; see group-member-patch.ts. */
export interface LeaderAssigner extends Assigner {
  /**
   * Whether a topic of other members only has other partitions by now. Their members cannot bring that about: a group rebalances when its
   * leader joins again, and not when another member does.
   */
  isOutdated(): Promise<boolean>
}

/** kafkajs's own name and version: releases that use kafkajs's assigner and this one share a group. */
const NAME = 'RoundRobinAssigner'
const VERSION = 0
/** The other members wait for the assignment, and their request times out after three seconds. */
const LOOK_UP_DEADLINE_MS = 2000
const LOOK_AGAIN_MS = 10_000
/** Topics with these errors are missing for this instance: unknown, invalid name, unauthorized. */
const MISSING = new Set([3, 17, 29])

/**
 * Assigns the partitions of all topics to which any member of the group subscribes, each to a member that subscribes to it. kafkajs's
 * assigner gives all members the topics of the leader only, so that, while two releases share a group, nobody reads some topics.
 */
export class SubscriptionAssigner {
  readonly #groupId: string
  readonly #deps: SubscriptionAssignerDeps
  /** Topics to which only other members subscribe, as in the last assignment of this leader. */
  #others: readonly TopicPartitions[] = []
  #lookedAt = Number.NEGATIVE_INFINITY
  #said = ''

  constructor({ groupId }: { groupId: string }, deps: SubscriptionAssignerDeps) {
    this.#groupId = groupId
    this.#deps = deps
  }

  /** The assigner of one session, which looks up topics with the session's connections. */
  forCluster(cluster: Cluster): LeaderAssigner {
    return {
      name: NAME,
      version: VERSION,
      protocol: ({ topics }) => ({ name: NAME, metadata: subscriptionMetadata(topics) }),
      assign: ({ members, topics }) => this.#assign(cluster, members, topics),
      isOutdated: () => this.#isOutdated(cluster),
    }
  }

  async #assign(cluster: Cluster, members: readonly GroupMember[], ownTopics: readonly string[]): Promise<GroupMemberAssignment[]> {
    const subscribers = members.map(
      ({ memberId, memberMetadata }): Subscriber => ({ memberId, topics: new Set(subscribedTopics(memberMetadata)) }),
    )
    const own = ownTopics.map((topic) => ({ topic, partitions: knownPartitions(cluster, topic) }))
    const others = await this.#lookUp(cluster, topicsOfOthers(subscribers, ownTopics))
    this.#others = others
    this.#sayMissing(others.flatMap(({ topic, partitions }) => (partitions.length === 0 ? [topic] : [])))
    return [...assignPartitions(subscribers, [...own, ...others])].map(([memberId, assigned]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: VERSION,
        assignment: Object.fromEntries(assigned),
        userData: Buffer.alloc(0),
      }),
    }))
  }

  async #isOutdated(cluster: Cluster): Promise<boolean> {
    const others = this.#others
    if (others.length === 0 || this.#deps.clock.steady() - this.#lookedAt < LOOK_AGAIN_MS) return false
    try {
      const found = await this.#lookUp(
        cluster,
        others.map(({ topic }) => topic),
      )
      return found.some(({ partitions }, index) => partitions.length !== others[index]?.partitions.length)
    } catch {
      return false // the heartbeat reports a broker that does not answer
    }
  }

  /**
   * The partitions of topics of which the session's cluster keeps no metadata; none for a topic that does not exist. Rejects when Kafka
   * does not answer: the join is then repeated.
   */
  async #lookUp(cluster: Cluster, topics: readonly string[]): Promise<TopicPartitions[]> {
    this.#lookedAt = this.#deps.clock.steady()
    const found = topics.length === 0 ? [] : await this.#ask(cluster, topics)
    return topics.map((topic) => ({ topic, partitions: found.find((each) => each.topic === topic)?.partitions ?? [] }))
  }

  async #ask(cluster: Cluster, topics: readonly string[]): Promise<TopicMetadata[]> {
    const what = `looking up ${topics.join(', ')} for other members of group ${this.#groupId}`
    const ask = async () => {
      const coordinator = await cluster.findGroupCoordinator({ groupId: this.#groupId })
      return (await sendRequest(coordinator, TOPIC_METADATA, topics)).answer
    }
    try {
      const answer = await withDeadline(ask(), LOOK_UP_DEADLINE_MS, what)
      const failed = answer.find(({ errorCode }) => errorCode !== 0 && !MISSING.has(errorCode))
      if (failed) throw new KafkaAnswerError(failed.errorCode, `${what}: the broker answered for ${failed.topic}`)
      return answer
    } catch (error) {
      if (error instanceof UnsupportedApiError) return [] // brokers before Kafka 2.8
      throw error
    }
  }

  #sayMissing(topics: readonly string[]): void {
    const said = topics.join()
    if (said !== '' && said !== this.#said) this.#deps.log.warn({ group: this.#groupId, topics }, MISSING_TOPICS)
    this.#said = said
  }
}

const MISSING_TOPICS =
  'another member of the consumer group subscribes to topics that this instance, which assigns the partitions, does not find: ' +
  'nobody reads them until it does; check that they exist and that both instances have the same permissions'

function knownPartitions(cluster: Cluster, topic: string): number[] {
  return cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)
}

/** Topics of other members to which the leader itself does not subscribe. */
function topicsOfOthers(subscribers: readonly Subscriber[], ownTopics: readonly string[]): string[] {
  const own = new Set(ownTopics)
  return [...new Set(subscribers.flatMap(({ topics }) => [...topics]))].filter((topic) => !own.has(topic)).sort()
}
