import type { GroupMemberInfo } from './group-members.ts'

/**
 * Topics of a group that nobody reads, or not whole: none of their subscribers has a partition, or a member without a subscription has
 * one. The assigner of older releases does that while instances of two releases share the group. Empty when the assignment is not known.
 */
export function unreadTopics(topics: readonly string[], members: readonly Omit<GroupMemberInfo, 'clientId' | 'host'>[]): string[] {
  if (members.some(({ topics: subscribed, assigned }) => !subscribed || !assigned)) return []
  return topics.filter((topic) => {
    const withPartitions = members.filter(({ assigned }) => assigned?.includes(topic))
    return withPartitions.length === 0 || withPartitions.some(({ topics: subscribed }) => !subscribed?.includes(topic))
  })
}
