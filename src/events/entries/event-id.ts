import { hash } from 'node:crypto'
import { type Announcement, announcedHash } from '../../messages/announcement.ts'
import { isState, type Occurrence, occurrenceText } from './occurrence.ts'

/** The properties by which two records of the event log are the same event. */
export interface EventIdentity {
  readonly network: string
  /** Kind of the event. */
  readonly type: string
  /** The canonical hash; for events without one, another unique name: a sequence number, a cause, a time. */
  readonly subject: string
  /** The verified signer, or the bridge id for own events; empty where the source does not matter. */
  readonly source: string
}

/**
 * The id of an event: 32 hexadecimal characters. Five peers that announce one block are five events (five sources to fetch from). One
 * peer that repeats itself is one event. A record that is delivered or written again keeps its id.
 */
export function eventId({ network, type, subject, source }: EventIdentity): string {
  // No part can contain a zero byte, so two identities never give the same text.
  return hash('sha256', `${network}\0${type}\0${subject}\0${source}`, 'hex').slice(0, 32)
}

/**
 * `source` is the verified signer, or the bridge id for the own node's announcements. A state that returns (A, B, A) is three events, so
 * the id of a state covers the occurrence too: a redelivery keeps it, and siblings that receive one message agree on it.
 */
export function announcementId(network: string, announcement: Announcement, source: string, occurrence: Occurrence): string {
  const announced = announcedHash(announcement)
  const subject = isState(announcement.type) ? `${announced}\n${occurrenceText(occurrence)}` : announced
  return eventId({ network, type: announcement.type, subject, source })
}

/** The best block of a peer that is ahead: one event for each hash, whoever told us. */
export function syncId(network: string, hash: string): string {
  return eventId({ network, type: 'sync', subject: hash, source: '' })
}

/** A change of the ban list; `cause` names its origin (`topic:partition:offset` of a command), so a redelivery is the same event. */
export function banId(network: string, bridgeId: string, change: { cause: string; action: string; key: string }): string {
  return eventId({ network, type: 'ban', subject: `${change.cause}\n${change.action}\n${change.key}`, source: bridgeId })
}

/** Each record of an instance is a separate event. */
export function instanceId(
  network: string,
  bridgeId: string,
  { instanceId, startId, state, receivedAt }: { instanceId: string; startId?: string; state: string; receivedAt: number },
): string {
  const process = startId === undefined ? '' : `\n${startId}`
  return eventId({ network, type: 'instance', subject: `${instanceId}\n${state}\n${receivedAt}${process}`, source: bridgeId })
}
