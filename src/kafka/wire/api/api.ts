/** One of Kafka's requests in the versions that are spoken here. */
export interface Api<Request, Answer> {
  readonly key: number
  readonly name: string
  /** The newest that the broker knows as well is taken. */
  readonly versions: readonly number[]
  /** The body, without the header that is the same for all requests. */
  encode(request: Request, version: number): Buffer
  decode(body: Buffer, request: Request): Promise<Answered<Answer>>
}

/** An answer, and for how long the broker wants to hear nothing more on this connection, since a quota is used up. */
export interface Answered<Answer> {
  readonly throttledMs: number
  readonly answer: Answer
}

export interface PartitionName {
  readonly topic: string
  readonly partition: number
}

/** In the form in which most requests name partitions: by topic, in the order of their first mention. */
export function byTopic<T extends PartitionName>(partitions: readonly T[]): [topic: string, partitions: T[]][] {
  const topics = new Map<string, T[]>()
  for (const each of partitions) {
    const found = topics.get(each.topic)
    if (found) found.push(each)
    else topics.set(each.topic, [each])
  }
  return [...topics]
}

/** No replica, but a client. */
export const CLIENT = -1
/** Records of open and of aborted transactions are not shown. */
export const READ_COMMITTED = 1
