import type { GroupMemberInfo } from './group-members.ts'

/**
 * Topics to which members subscribe and that nobody reads, or not whole: none of their subscribers has a partition, or a member without a
 * subscription has one. The assigner of older releases does that while instances of two releases share the group. Empty when the assignment is not known.
 */
export function unreadTopics(topics: readonly string[], members: readonly Omit<GroupMemberInfo, 'clientId' | 'host'>[]): string[] {
  if (members.some(({ topics: subscribed, assigned }) => !subscribed || !assigned)) return []
  return topics.filter((topic) => {
    const subscribers = members.filter(({ topics: subscribed }) => subscribed?.includes(topic))
    const readers = subscribers.filter(({ assigned }) => assigned?.includes(topic))
    const strays = members.some((member) => member.assigned?.includes(topic) && !subscribers.includes(member))
    return subscribers.length > 0 && (readers.length === 0 || strays)
  })
}
