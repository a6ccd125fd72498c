import type { Clock } from '../../../lifecycle/clock.ts'
import { BatchPace } from '../../../lifecycle/pace/batch-pace.ts'
import { sleep } from '../../../lifecycle/time.ts'
import type { Leader } from '../../client/topic-link.ts'

/** The offset at which one partition is read. */
export interface PollRequest {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

/** The answer of a poll for one partition; undefined when the broker left it out, as it does when it throttles this client. */
export interface PollAnswer<T> {
  readonly fetched: T | undefined
  readonly throttledMs: number
}

export interface BrokerPollsOptions {
  /** How far apart polls begin that are answered in quick succession; 4 ms by default. */
  readonly apartMs?: number | undefined
}

export interface BrokerPollsDeps<T> {
  /** One fetch request for all partitions, to the broker that leads them. */
  readonly fetch: (
    leader: Leader,
    requests: readonly PollRequest[],
    maxWaitMs: number,
  ) => Promise<{ readonly throttledMs: number; readonly partitions: readonly T[] }>
  /** True while a partition is about to ask again: no long poll should keep it waiting. */
  readonly isHurried: () => boolean
  readonly clock: Pick<Clock, 'steady'>
}

interface Pending<T> {
  readonly leader: Leader
  readonly request: PollRequest
  readonly resolve: (answer: PollAnswer<T>) => void
  readonly reject: (error: unknown) => void
}

/** A poll ends as soon as any of its partitions has records. */
const LONG_POLL_MS = 500
const HURRIED_POLL_MS = 50

/**
 * The long polls of a group: one at a time for each broker, for all partitions that it leads and that want records at that moment. A
 * broker answers the requests of one connection in order, so with one poll per partition they would wait for each other. Polls that are
 * answered in quick succession get a pace: they bring as many records with fewer requests.
 */
export class BrokerPolls<T extends { readonly topic: string; readonly partition: number }> {
  readonly #options: BrokerPollsOptions
  readonly #deps: BrokerPollsDeps<T>
  readonly #pending = new Map<number, Pending<T>[]>()
  /** By broker; there are as many as the cluster has had. */
  readonly #paces = new Map<number, BatchPace>()
  #round = 0
  #isClosed = false

  constructor(options: BrokerPollsOptions, deps: BrokerPollsDeps<T>) {
    this.#options = options
    this.#deps = deps
  }

  /** The answer of the broker's next poll. */
  ask(leader: Leader, request: PollRequest): Promise<PollAnswer<T>> {
    if (this.#isClosed) return Promise.reject(new Error('polling has ended'))
    return new Promise((resolve, reject) => {
      const pending = { leader, request, resolve, reject }
      const others = this.#pending.get(leader.nodeId)
      if (others) others.push(pending)
      else {
        this.#pending.set(leader.nodeId, [pending])
        void this.#poll(leader.nodeId)
      }
    })
  }

  /** Stops polling: a request on a closed connection would open it again. */
  close(): void {
    this.#isClosed = true
  }

  async #poll(nodeId: number): Promise<void> {
    const pace = this.#paces.get(nodeId) ?? new BatchPace(this.#options, { clock: this.#deps.clock })
    this.#paces.set(nodeId, pace)
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve)) // the other partitions ask in the same turn
      const waitMs = pace.waitMs()
      if (waitMs > 0) await sleep(waitMs)
      const asked = this.#pending.get(nodeId)?.splice(0) ?? []
      const last = asked.at(-1)
      if (!last) break
      try {
        if (this.#isClosed) throw new Error('polling has ended')
        const { isHurried, fetch } = this.#deps
        const maxWaitMs = isHurried() ? HURRIED_POLL_MS : LONG_POLL_MS
        const { throttledMs, partitions } = await fetch(last.leader, this.#rotated(asked), maxWaitMs)
        pace.begun(1)
        for (const { request, resolve } of asked) {
          const fetched = partitions.find((each) => each.partition === request.partition && each.topic === request.topic)
          resolve({ fetched, throttledMs })
        }
      } catch (error) {
        for (const { reject } of asked) reject(error)
      }
    }
    this.#pending.delete(nodeId)
  }

  /** Another partition is first each time: a broker fills its answer in the order of the request, up to a size. */
  #rotated(asked: readonly Pending<T>[]): PollRequest[] {
    this.#round += 1
    const from = this.#round % asked.length
    return [...asked.slice(from), ...asked.slice(0, from)].map(({ request }) => request)
  }
}
