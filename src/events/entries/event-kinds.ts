import { ANNOUNCEMENT_TYPES, kindOf } from '../../messages/announcement.ts'
import type { EventType, LogEvent } from '../event.ts'

/** What the event log and its readers need to know of a type of event. */
export interface EventKind {
  /** Property of the event in which the content stands; the Avro schema has the same. */
  readonly payload: string
  /** Property of the content with the base URL of the sender; null for a type without one. */
  readonly url: string | null
  /** False for events that a browser gets only when it asks for their type. */
  readonly isShownByDefault: boolean
}

/** Events that are no announcements. A new one does not compile until it stands here. */
const OTHER_EVENTS = {
  sync: { payload: 'sync', url: 'dataHubUrl', isShownByDefault: true },
  ban: { payload: 'ban', url: null, isShownByDefault: true },
  // The bridge's own pulse, and noise to everybody but operators.
  instance: { payload: 'instance', url: null, isShownByDefault: false },
} as const satisfies Record<Exclude<EventType, keyof typeof ANNOUNCEMENTS>, EventKind>

const ANNOUNCEMENTS = Object.fromEntries(
  ANNOUNCEMENT_TYPES.map((type) => [type, { payload: kindOf(type).payload, url: kindOf(type).url, isShownByDefault: true }]),
) as Record<(typeof ANNOUNCEMENT_TYPES)[number], EventKind>

/** All types of events: the kinds of announcements, and those that only the event log has. */
export const EVENT_KINDS: Readonly<Record<EventType, EventKind>> = { ...ANNOUNCEMENTS, ...OTHER_EVENTS }

export const EVENT_TYPES = Object.keys(EVENT_KINDS) as EventType[]
/** What a browser gets that asks for no types. */
export const DEFAULT_EVENT_TYPES = EVENT_TYPES.filter((type) => EVENT_KINDS[type].isShownByDefault)

/** The content of an event, for code that treats all types alike. */
export function eventContent(event: LogEvent): Readonly<Record<string, unknown>> {
  return (event as unknown as Record<string, Record<string, unknown>>)[EVENT_KINDS[event.type].payload] ?? {}
}
