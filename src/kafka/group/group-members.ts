import { AssignerProtocol } from 'kafkajs'
import type { KafkaConnection } from '../client/connection.ts'

/** A member of a consumer group, as its coordinator tells. */
export interface GroupMember {
  readonly clientId: string
  readonly host: string
  /** What it subscribes to; undefined when it does not say so in the way of consumers. */
  readonly topics: readonly string[] | undefined
}

/** How the members of a group should be. */
export interface ExpectedMember {
  readonly clientId: string
  readonly topics: readonly string[]
}

/** Who is in the group now. */
export async function groupMembers(kafka: KafkaConnection, groupId: string): Promise<GroupMember[]> {
  const { groups } = await kafka.withAdmin((admin) => admin.describeGroups([groupId]))
  const members = groups.find((group) => group.groupId === groupId)?.members ?? []
  return members.map(({ clientId, clientHost, memberMetadata }) => ({ clientId, host: clientHost, topics: topicsOf(memberMetadata) }))
}

/** A sentence for each member that is no instance of this bridge: another program that uses the group, or a bridge of other topics. */
export function foreignMembers(expected: ExpectedMember, members: readonly GroupMember[]): string[] {
  const wanted = [...expected.topics].sort().join(', ')
  const found = members.flatMap(({ clientId, host, topics }) => {
    const named = `client ${JSON.stringify(clientId)} at ${host.replace(/^\//, '')}`
    const theirs = topics && [...topics].sort().join(', ')
    if (theirs !== wanted) return [`${named} subscribes to ${theirs || 'nothing that can be read'}`]
    return clientId === expected.clientId ? [] : [`${named} is not ${JSON.stringify(expected.clientId)}`]
  })
  return [...new Set(found)].sort()
}

function topicsOf(metadata: Buffer): readonly string[] | undefined {
  if (metadata.length === 0) return undefined // the group is being joined anew
  try {
    return AssignerProtocol.MemberMetadata.decode(metadata)?.topics
  } catch {
    return undefined
  }
}
