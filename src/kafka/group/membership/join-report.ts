import type { Logger } from 'pino'
import type { JoinedGroup } from './group-session.ts'

const UNSUBSCRIBED =
  'the leader of the consumer group, an instance of an older release, assigned this instance partitions of topics that it does not read: ' +
  'nobody reads these partitions while that instance leads the group'

/** Logs what a member learns when it joins. */
export class JoinReport {
  readonly #groupId: string
  readonly #log: Pick<Logger, 'info' | 'warn'>
  #unsubscribed = ''
  #partitions: JoinedGroup['partitions'] = new Map()

  constructor({ groupId }: { groupId: string }, { log }: { log: Pick<Logger, 'info' | 'warn'> }) {
    this.#groupId = groupId
    this.#log = log
  }

  joined({ assigned, membership: { generationId }, unsubscribed, partitions }: JoinedGroup): void {
    const group = this.#groupId
    this.#sayAdded(partitions)
    this.#sayUnsubscribed(unsubscribed)
    this.#log.info({ group, generation: generationId, assigned: Object.fromEntries(assigned) }, 'joined the consumer group')
  }

  #sayAdded(partitions: JoinedGroup['partitions']): void {
    for (const [topic, to] of partitions) {
      const from = this.#partitions.get(topic) ?? to
      if (to > from) this.#log.info({ group: this.#groupId, topic, from, to }, 'partitions added')
    }
    this.#partitions = partitions
  }

  /** Only changes: a group may rebalance often. */
  #sayUnsubscribed(topics: readonly string[]): void {
    const said = topics.join()
    if (said !== '' && said !== this.#unsubscribed) this.#log.warn({ group: this.#groupId, topics }, UNSUBSCRIBED)
    this.#unsubscribed = said
  }
}
