import { ANNOUNCEMENT_TYPES, kindOf } from '../../messages/announcement.ts'
import type { EventType, LogEvent } from '../event.ts'

/** Properties of an event type that the event log and its readers need. */
export interface EventKind {
  /** Property of the event that holds the content; the Avro schema uses the same name. */
  readonly payload: string
  /** Property of the content that holds the base URL of the sender; null for a type without one. */
  readonly url: string | null
  /** Properties of the content with the hash and the height that it is about; null for a type without one. */
  readonly hash: string | null
  readonly height: string | null
  /** False for events that a browser receives only when it asks for their type. */
  readonly isShownByDefault: boolean
}

/** Events that are not announcements. A new type does not compile until it is listed here. */
const OTHER_EVENTS = {
  sync: { payload: 'sync', url: 'dataHubUrl', hash: 'hash', height: 'height', isShownByDefault: true },
  ban: { payload: 'ban', url: null, hash: null, height: null, isShownByDefault: true },
  // The bridge's own pulse: noise to everybody but operators.
  instance: { payload: 'instance', url: null, hash: null, height: null, isShownByDefault: false },
} as const satisfies Record<Exclude<EventType, keyof typeof ANNOUNCEMENTS>, EventKind>

const ANNOUNCEMENTS = Object.fromEntries(
  ANNOUNCEMENT_TYPES.map((type) => {
    const { payload, url, hash, height } = kindOf(type)
    return [type, { payload, url, hash, height, isShownByDefault: true }]
  }),
) as Record<(typeof ANNOUNCEMENT_TYPES)[number], EventKind>

/** All types of events: the kinds of announcements, and the types that exist only in the event log. */
export const EVENT_KINDS: Readonly<Record<EventType, EventKind>> = { ...ANNOUNCEMENTS, ...OTHER_EVENTS }

export const EVENT_TYPES = Object.keys(EVENT_KINDS) as EventType[]
/** The types that a browser receives when it asks for none. */
export const DEFAULT_EVENT_TYPES = EVENT_TYPES.filter((type) => EVENT_KINDS[type].isShownByDefault)

/** The content of an event, for code that treats all types alike. */
export function eventContent(event: LogEvent): Readonly<Record<string, unknown>> {
  return (event as unknown as Record<string, Record<string, unknown>>)[EVENT_KINDS[event.type].payload] ?? {}
}
