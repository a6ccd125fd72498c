import type { OutgoingRecord } from '../../kafka/record.ts'
import { type Occurrence, withSource, withStateOrder } from '../entries/occurrence.ts'
import type { LogEvent } from '../event.ts'
import type { EventLogView } from '../event-log-view.ts'
import type { AppendRecord } from '../ports.ts'
import type { StateFilter } from './state-filter.ts'

export interface OwnAnnouncementsDeps {
  readonly view: Pick<EventLogView, 'isSeen'>
  readonly states: Pick<StateFilter, 'take' | 'settled'>
  readonly append: AppendRecord
  readonly toRecord: (event: LogEvent) => OutgoingRecord
}

/** `repeated`: readers would drop it, or it repeats the latest state of the node. `outdated`: so does an earlier state, after a later one. */
export type OwnOutcome = 'sent' | 'repeated' | 'outdated'

/** Writes an announcement of the own node to the event log, unless it is repeated or outdated; resolves when Kafka has acknowledged it. */
export function appendOwnAnnouncements({ view, states, append, toRecord }: OwnAnnouncementsDeps) {
  return async (event: LogEvent, occurrence: Occurrence): Promise<OwnOutcome> => {
    if (view.isSeen(event.id)) return 'repeated'
    const { outcome, order } = states.take(event, occurrence)
    if (outcome !== 'new') return outcome
    try {
      await append(withSource(withStateOrder(toRecord(event), order), occurrence))
    } catch (error) {
      states.settled(event.id)
      throw error
    }
    return 'sent'
  }
}
