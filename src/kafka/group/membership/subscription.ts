import { AssignerProtocol } from 'kafkajs'

/** The metadata with which a member joins: the topics to which it subscribes. The same bytes as those of kafkajs's own assigner. */
export function subscriptionMetadata(topics: readonly string[]): Buffer {
  return AssignerProtocol.MemberMetadata.encode({ version: 0, topics: [...topics], userData: Buffer.alloc(0) })
}

/** The topics to which a member subscribes; undefined when it does not give them in the format of consumers, or is still joining. */
export function subscribedTopics(metadata: Buffer): readonly string[] | undefined {
  if (metadata.length === 0) return undefined
  try {
    return AssignerProtocol.MemberMetadata.decode(metadata)?.topics
  } catch {
    return undefined
  }
}

/** The topics of which a member has partitions; undefined when its assignment is not in the format of consumers. */
export function assignedTopics(assignment: Buffer): readonly string[] | undefined {
  if (assignment.length === 0) return []
  try {
    return Object.keys(AssignerProtocol.MemberAssignment.decode(assignment)?.assignment ?? {})
  } catch {
    return undefined
  }
}
