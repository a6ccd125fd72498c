import { ANNOUNCEMENT_TYPES, type Announcement, type AnnouncementType, announcementOf, kindOf } from './announcement.ts'
import { BadInputError } from './errors.ts'
import type { OwnNode } from './kinds/kind.ts'
import type { TopicValues } from './topic-values.ts'
import { ANNOUNCEMENT_TOPICS, type AnnouncementTopic, byRole } from './topics.ts'

type OwnValue = TopicValues[AnnouncementTopic]

/** The kinds of each topic by the text of `type` in their records. */
const TYPES_OF = byRole(ANNOUNCEMENT_TOPICS, (topic) => {
  const sources = ANNOUNCEMENT_TYPES.map((type) => [kindOf(type).source, type] as const)
  return new Map(sources.flatMap(([source, type]) => (source?.topic === topic ? [[source.type, type] as const] : [])))
})

/**
 * The own announcement in a value of an in-topic, or undefined for another node's announcement. Throws BadInputError for
 * content that no node would write.
 */
export function ownAnnouncement(topic: AnnouncementTopic, value: OwnValue, own: OwnNode): Announcement | undefined {
  const type = typeOf(topic, value)
  const content = kindOf(type).source?.read(value, own)
  return content && announcementOf(type, content)
}

function typeOf(topic: AnnouncementTopic, value: OwnValue): AnnouncementType {
  const written = 'type' in value ? value.type : null
  const type = TYPES_OF[topic].get(written)
  if (type === undefined) {
    const known = [...TYPES_OF[topic].keys()]
    throw new BadInputError('bad-content', `type is ${JSON.stringify(written?.slice(0, 40))}, but has to be ${oneOf(known)}`)
  }
  return type
}

function oneOf(words: readonly (string | null)[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}
