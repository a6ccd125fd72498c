import { withDeadline } from '../../../lifecycle/time.ts'
import type { KafkaConnection } from '../../client/connection.ts'
import { sendRequest, UnsupportedApiError } from '../../client/raw-request.ts'
import { CONSUMER_GROUP_DESCRIBE } from '../../wire/api/consumer-group-describe.ts'
import { CoordinatorLink } from '../membership/coordinator-link.ts'
import { assignedTopics, subscribedTopics } from '../membership/subscription.ts'

/** A member of a consumer group, as its coordinator describes it. */
export interface GroupMemberInfo {
  readonly clientId: string
  readonly host: string
  /** Subscribed topics; undefined when the member does not give them in the format of consumers. */
  readonly topics: readonly string[] | undefined
  /** Topics of which the member has partitions; undefined while the group rebalances, and in a group of the consumer protocol. */
  readonly assigned?: readonly string[] | undefined
}

/** The members of a group, and its protocol. */
export interface GroupDescription {
  /**
   * `consumer`: the protocol of KIP-848. One member of that protocol converts a classic group, if the brokers are formatted for it; our
   * members then continue as classic members of it. `classic` also when the group is empty.
   */
  readonly protocol: 'classic' | 'consumer'
  readonly members: readonly GroupMemberInfo[]
}

const REQUEST_DEADLINE_MS = 10_000

/** The current members of the group. */
export async function describeGroup(kafka: Pick<KafkaConnection, 'cluster'>, groupId: string): Promise<GroupDescription> {
  const link = new CoordinatorLink({ groupId }, { kafka })
  try {
    const describe = async () => {
      const classic = await classicMembers(link, groupId)
      const consumers = classic.length > 0 ? undefined : await consumerProtocolMembers(link, groupId)
      return consumers ? { protocol: 'consumer' as const, members: consumers } : { protocol: 'classic' as const, members: classic }
    }
    return await withDeadline(describe(), REQUEST_DEADLINE_MS, `asking for the members of group ${groupId}`)
  } finally {
    await link.close()
  }
}

/** Older requests show a live group of the other protocol as dead and without members. */
async function classicMembers(link: CoordinatorLink, groupId: string): Promise<GroupMemberInfo[]> {
  const { groups } = await link.ask((coordinator) => coordinator.describeGroups({ groupIds: [groupId] }))
  const group = (groups as ClassicGroup[]).find((each) => each.groupId === groupId)
  return (group?.members ?? []).map(({ clientId, clientHost, memberMetadata, memberAssignment }) => ({
    clientId,
    host: clientHost,
    topics: subscribedTopics(memberMetadata),
    assigned: group?.state === 'Stable' ? assignedTopics(memberAssignment) : undefined,
  }))
}

/** Undefined when the group does not use that protocol, or the broker does not know it. */
async function consumerProtocolMembers(link: CoordinatorLink, groupId: string): Promise<GroupMemberInfo[] | undefined> {
  try {
    const { answer } = await link.ask((coordinator) => sendRequest(coordinator, CONSUMER_GROUP_DESCRIBE, [groupId]))
    const group = answer.find((each) => each.groupId === groupId && each.errorCode === 0)
    return group?.members.map(({ clientId, clientHost, topics, topicPattern }) => ({
      clientId,
      host: clientHost,
      topics: topicPattern ? [...topics, topicPattern] : topics,
    }))
  } catch (error) {
    if (error instanceof UnsupportedApiError) return undefined
    throw error
  }
}

interface ClassicGroup {
  readonly groupId: string
  readonly state: string
  readonly members: readonly ClassicMember[]
}

interface ClassicMember {
  readonly clientId: string
  readonly clientHost: string
  readonly memberMetadata: Buffer
  readonly memberAssignment: Buffer
}
