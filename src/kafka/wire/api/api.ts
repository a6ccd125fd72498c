/** One of Kafka's requests in the versions that this client supports. */
export interface Api<Request, Answer> {
  readonly key: number
  readonly name: string
  /** The newest one that the broker supports is used. */
  readonly versions: readonly number[]
  /** The body, without the header that is the same for all requests. */
  encode(request: Request, version: number): Buffer
  decode(body: Buffer, request: Request): Promise<Answered<Answer>>
}

/** An answer, and how long the broker wants no further request on this connection because a quota is used up. */
export interface Answered<Answer> {
  readonly throttledMs: number
  readonly answer: Answer
}

export interface PartitionName {
  readonly topic: string
  readonly partition: number
}

/** Groups partitions by topic, as most requests need them, in the order of their first mention. */
export function byTopic<T extends PartitionName>(partitions: readonly T[]): [topic: string, partitions: T[]][] {
  const topics = new Map<string, T[]>()
  for (const each of partitions) {
    const found = topics.get(each.topic)
    if (found) found.push(each)
    else topics.set(each.topic, [each])
  }
  return [...topics]
}

/** Replica id of a client. */
export const CLIENT = -1
/** Isolation level without records of open and aborted transactions. */
export const READ_COMMITTED = 1
