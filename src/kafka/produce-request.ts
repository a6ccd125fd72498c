import type { Broker, Message } from 'kafkajs'

/** What kafkajs 2.2.4 has but does not declare. */
interface BrokerForProducing extends Broker {
  initProducerId(request: { transactionTimeout: number }): Promise<{ producerId: string; producerEpoch: number }>
}

/** Who writes, for the broker's memory of what it has taken already. */
export interface ProducerIdentity {
  readonly producerId: string
  readonly producerEpoch: number
}

export interface ProduceRequest {
  readonly topic: string
  readonly partition: number
  readonly identity: ProducerIdentity
  readonly firstSequence: number
  readonly messages: Message[]
}

/** The answer was about something else than what was sent, so nothing is known of the batch. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError'
}

/** How long the leader waits for its replicas; below the request's own timeout, so that it says so itself. */
const REPLICAS_TIMEOUT_MS = 2500

export async function requestIdentity(broker: Broker): Promise<ProducerIdentity> {
  const { producerId, producerEpoch } = await (broker as BrokerForProducing).initProducerId({ transactionTimeout: 60_000 })
  return { producerId, producerEpoch }
}

/**
 * Sends one batch of one partition and checks that the answer is about exactly that. Its first offset.
 *
 * A request of our own rather than kafkajs's producer, because that one loses and repeats acknowledged records when it retries
 * (over several brokers, with several sends in flight, after a rejection), and cannot be stopped while it retries.
 */
export async function produce(broker: Broker, request: ProduceRequest): Promise<bigint> {
  const { topic, partition, identity, firstSequence, messages } = request
  const answer: ProduceAnswer = await broker.produce({
    acks: -1,
    timeout: REPLICAS_TIMEOUT_MS,
    producerId: identity.producerId as unknown as number, // declared as number, but 64 bits wide: kafkajs takes the text
    producerEpoch: identity.producerEpoch,
    compression: 0,
    topicData: [{ topic, partitions: [{ partition, firstSequence, messages }] }],
  })
  const [only, ...others] = answer.topics.flatMap((each) => each.partitions.map((part) => ({ ...part, topic: each.topicName })))
  const isWhatWasSent = only?.topic === topic && only.partition === partition && only.errorCode === 0 && others.length === 0
  if (!isWhatWasSent) throw new UnexpectedAnswerError(`the broker did not answer for ${topic}:${partition}`)
  return BigInt(only.baseOffset)
}

interface ProduceAnswer {
  readonly topics: readonly {
    readonly topicName: string
    readonly partitions: readonly { readonly partition: number; readonly errorCode: number; readonly baseOffset: string }[]
  }[]
}
