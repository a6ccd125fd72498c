import type { GroupMemberInfo } from './group-members.ts'

/** The expected properties of all members of a group. */
export interface ExpectedMember {
  readonly clientId: string
  readonly topics: readonly string[]
}

/** Findings about the members of one of our groups. Each sentence once, in order. */
export interface MemberFindings {
  /** Members that are not instances of this bridge: other programs that use the group, or a bridge with other topics. */
  readonly foreign: readonly string[]
  /** Instances of this bridge with another list of topics, as another release has. */
  readonly otherReleases: readonly string[]
}

/** Finds members that are not instances of this bridge, and instances of another release. */
export function judgeMembers({ clientId, topics }: ExpectedMember, members: readonly GroupMemberInfo[]): MemberFindings {
  const wanted = listOf(topics)
  const foreign = new Set<string>()
  const otherReleases = new Set<string>()
  for (const member of members) {
    const named = `client ${JSON.stringify(member.clientId)} at ${member.host.replace(/^\//, '')}`
    const theirs = member.topics && listOf(member.topics)
    const hasOurClientId = member.clientId === clientId
    if (theirs === wanted) {
      if (!hasOurClientId) foreign.add(`${named} is not ${JSON.stringify(clientId)}`)
    } else if (hasOurClientId && member.topics?.some((topic) => topics.includes(topic))) {
      otherReleases.add(`${named} subscribes to ${theirs}`)
    } else foreign.add(`${named} subscribes to ${theirs || 'nothing that can be read'}`)
  }
  return { foreign: [...foreign].sort(), otherReleases: [...otherReleases].sort() }
}

function listOf(topics: readonly string[]): string {
  return [...topics].sort().join(', ')
}
