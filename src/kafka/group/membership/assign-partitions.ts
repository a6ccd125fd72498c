/** A member of a group, with the topics to which it subscribes. */
export interface Subscriber {
  readonly memberId: string
  readonly topics: ReadonlySet<string>
}

export interface TopicPartitions {
  readonly topic: string
  readonly partitions: readonly number[]
}

/** The partitions of each topic that a member gets. */
export type MemberPartitions = Map<string, number[]>

/**
 * Assigns each partition to one member that subscribes to its topic, by member id. A topic's partitions are spread evenly over its
 * subscribers; where that leaves a choice, the member with the fewest partitions in total gets the next one, and then round robin
 * decides. Members with the same topics get exactly what kafkajs's RoundRobinAssigner gives them. Partitions of a topic without
 * subscribers stay unassigned.
 */
export function assignPartitions(members: readonly Subscriber[], topics: readonly TopicPartitions[]): Map<string, MemberPartitions> {
  const ring = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1)).map((member) => new Seat(member))
  let next = 0
  for (const { topic, partitions } of topics) {
    for (const partition of [...partitions].sort((a, b) => a - b)) {
      const chosen = leastLoaded(ring, topic, next)
      if (chosen === undefined) break
      ring[chosen]?.take(topic, partition)
      next = (chosen + 1) % ring.length
    }
  }
  return new Map(ring.filter(({ total }) => total > 0).map(({ member, assigned }) => [member.memberId, assigned]))
}

class Seat {
  readonly member: Subscriber
  readonly assigned: MemberPartitions = new Map()
  total = 0

  constructor(member: Subscriber) {
    this.member = member
  }

  take(topic: string, partition: number): void {
    const taken = this.assigned.get(topic)
    if (taken) taken.push(partition)
    else this.assigned.set(topic, [partition])
    this.total++
  }

  isLessLoaded(than: Seat, topic: string): boolean {
    const [own, other] = [this.#count(topic), than.#count(topic)]
    return own < other || (own === other && this.total < than.total)
  }

  #count(topic: string): number {
    return this.assigned.get(topic)?.length ?? 0
  }
}

/** Index of the subscriber that gets the next partition; of equals, the first one from `start` on. */
function leastLoaded(ring: readonly Seat[], topic: string, start: number): number | undefined {
  let best: { readonly index: number; readonly seat: Seat } | undefined
  for (let step = 0; step < ring.length; step++) {
    const index = (start + step) % ring.length
    const seat = ring[index]
    if (seat?.member.topics.has(topic) && (!best || seat.isLessLoaded(best.seat, topic))) best = { index, seat }
  }
  return best?.index
}
