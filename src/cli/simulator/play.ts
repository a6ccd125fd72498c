import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises'
import { InFlight } from './in-flight.ts'
import type { SimulatedEvent } from './simulation.ts'

export interface PlayOptions {
  /** Length of the play in milliseconds; Infinity until the signal. */
  readonly forMs: number
  /** Upper bound on unacknowledged records. Beyond it the play pauses, as a node's services would. */
  readonly maxUnacknowledged: number
  /** How long to wait at the end for missing acknowledgements. */
  readonly drainMs: number
}

export interface PlayDeps {
  readonly events: Iterable<SimulatedEvent>
  /** Resolves when the record is acknowledged. */
  readonly send: (event: SimulatedEvent) => Promise<unknown>
  /** Called for each acknowledged record, with the time at which it was handed to `send`. */
  readonly produced: (event: SimulatedEvent, at: number) => void
  readonly signal: AbortSignal
  readonly now: () => number
}

/** The number of acknowledged records, of records without an answer, and the duration. */
export interface Played {
  readonly acknowledged: number
  readonly unacknowledged: number
  readonly seconds: number
}

/** Sends each event at its time. The first refused record ends the play with its error. */
export async function play(options: PlayOptions, { events, send, produced, signal, now }: PlayDeps): Promise<Played> {
  const startedAt = now()
  const inFlight = new InFlight({ max: options.maxUnacknowledged })
  const refusals: unknown[] = []
  let acknowledged = 0

  const dispatch = async (event: SimulatedEvent) => {
    const at = now()
    try {
      await send(event)
      acknowledged++
      produced(event, at)
    } catch (error) {
      refusals.push(error)
    }
  }

  for (const event of events) {
    await pause(startedAt + Math.min(event.atMs, options.forMs) - now(), signal)
    await inFlight.room(signal)
    const isOver = event.atMs > options.forMs || now() - startedAt > options.forMs // a play that is late also ends on time
    if (isOver || signal.aborted || refusals.length > 0) break
    inFlight.add(dispatch(event))
  }
  if (refusals.length === 0) await inFlight.settled(options.drainMs)
  if (refusals.length > 0) throw refusals[0]
  return { acknowledged, unacknowledged: inFlight.size, seconds: (now() - startedAt) / 1000 }
}

/** Yields to the event loop even if the play is late. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await (ms > 0 ? sleep(ms, undefined, { signal }) : turn(undefined, { signal })).catch(() => {})
}
