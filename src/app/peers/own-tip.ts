import type { Logger } from 'pino'
import type { EventLogView } from '../../events/event-log-view.ts'
import type { OwnTip } from '../../events/reading/own-tip.ts'
import type { Stops } from '../../lifecycle/stops.ts'
import type { WireFormats } from '../wire-formats.ts'

const PAGE_RECORDS = 1000

/** Looks for the own tip before the events that were read back, in the background: nothing waits for it. */
export function restoreOwnTip(
  ownTip: OwnTip,
  { view, formats, log, stops }: { view: EventLogView; formats: WireFormats; log: Logger; stops: Stops },
): void {
  const stopping = new AbortController()
  stops.add('own tip', () => stopping.abort())
  const reader = { bounds: () => view.bounds(), read: (from: bigint) => view.readBehindTail(from, PAGE_RECORDS) }
  ownTip.restore({ reader, decode: formats.fromEventRecord, signal: stopping.signal }).catch((err: unknown) => {
    if (!stopping.signal.aborted)
      log.warn({ err }, 'the own tip could not be looked up in the event log: it is known after the next own block')
  })
}
