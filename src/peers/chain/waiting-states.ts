import { type AnnouncementType, kindOf } from '../../messages/announcement.ts'
import { isEarlier, type SentState } from './latest-sent.ts'

interface Waiting {
  readonly sent: SentState
  readonly giveWay: AbortController
}

/**
 * The states that wait for their turn to be published. Peers act on the latest only, so one that still waits gives way to a later one: a
 * node that changes its mind a thousand times a second delays nothing else.
 */
export class WaitingStates {
  readonly #waiting = new Map<AnnouncementType, Waiting>()

  /** Resolves with the number of peers that got it, or with `superseded`. The signal ends the wait. */
  async publish(sent: SentState, send: (signal?: AbortSignal) => Promise<number>): Promise<number | 'superseded'> {
    const { type } = sent.announcement
    if (kindOf(type).stateOf === null) return send()
    const earlier = this.#waiting.get(type)
    if (earlier && isEarlier(sent, earlier.sent)) return 'superseded'
    const own = { sent, giveWay: new AbortController() }
    this.#waiting.set(type, own)
    earlier?.giveWay.abort()
    try {
      return await send(own.giveWay.signal)
    } catch (error) {
      if (own.giveWay.signal.aborted) return 'superseded'
      throw error
    } finally {
      if (this.#waiting.get(type) === own) this.#waiting.delete(type)
    }
  }
}
