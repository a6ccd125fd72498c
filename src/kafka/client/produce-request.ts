import type { Broker } from 'kafkajs'
import type { OutgoingRecord } from '../record.ts'
import { encodeRecordBatch, type ProducerIdentity } from '../wire/record-batch.ts'

/** Members that kafkajs 2.2.4 has but does not declare. */
interface BrokerForProducing extends Broker {
  initProducerId(request: { transactionTimeout: number }): Promise<{ producerId: string; producerEpoch: number }>
  /** Creates the request for an API in a version that the broker understands. */
  lookupRequest(apiKey: number, definition: unknown): (options: unknown) => ProtocolRequest
}

interface ProtocolRequest {
  readonly request: { readonly encode: () => Promise<EncodedBody> }
  readonly response: {
    readonly decode: (bytes: Buffer) => Promise<DecodedAnswer>
    readonly parse: (answer: DecodedAnswer) => Promise<unknown>
  }
}

/** An answer before kafkajs has checked it for errors. */
interface DecodedAnswer {
  readonly clientSideThrottleTime?: number
}

/** The shape that kafkajs expects of its encoders. */
interface EncodedBody {
  readonly buf: Buffer
  readonly buffer: Buffer
}

export interface ProduceRequest {
  readonly topic: string
  readonly partition: number
  readonly identity: ProducerIdentity
  readonly firstSequence: number
  readonly records: readonly OutgoingRecord[]
}

/** The answer does not match the request, so the state of the batch is unknown. */
export class UnexpectedAnswerError extends Error {
  override readonly name = 'UnexpectedAnswerError'
}

/** How long the leader waits for its replicas; below the request's own timeout, so that the leader reports the failure itself. */
const REPLICAS_TIMEOUT_MS = 2500

/** `acks: -1`: all in-sync replicas must have the batch. */
const HEAD = { acks: -1, timeout: REPLICAS_TIMEOUT_MS } as const

export async function requestIdentity(broker: Broker): Promise<ProducerIdentity> {
  const { producerId, producerEpoch } = await (broker as BrokerForProducing).initProducerId({ transactionTimeout: 60_000 })
  return { producerId, producerEpoch }
}

/** The answer of the leader to a batch that it accepted. */
export interface ProduceResult {
  readonly firstOffset: bigint
  /** The time that the broker gave the batch; undefined when the topic keeps the timestamps of its producers. */
  readonly appendedAt: number | undefined
  /** How long a quota makes us pause. The broker reads nothing from this connection meanwhile. */
  readonly throttleMs: number
}

/**
 * Sends one batch of one partition and checks that the answer is for exactly this batch. All its records have this `timestamp`.
 *
 * Our own request rather than kafkajs's producer, because that producer loses and repeats acknowledged records when it retries (over
 * several brokers, with several sends in flight, after a rejection), and cannot be stopped while it retries.
 */
export async function produce(broker: Broker, request: ProduceRequest, timestamp: number): Promise<ProduceResult> {
  const { topic, partition } = request
  const asked = prepared(broker, encodeProduceBody(request, timestamp))
  const answer: ProduceAnswer = await asked.broker.produce({ ...HEAD, topicData: [] })
  const [only, ...others] = answer.topics.flatMap((each) => each.partitions.map((part) => ({ ...part, topic: each.topicName })))
  const isWhatWasSent = only?.topic === topic && only.partition === partition && only.errorCode === 0 && others.length === 0
  if (!isWhatWasSent) throw new UnexpectedAnswerError(`the broker did not answer for ${topic}:${partition}`)
  const appendedAt = Number(only.logAppendTime ?? NO_TIME)
  return {
    firstOffset: BigInt(only.baseOffset),
    appendedAt: appendedAt === NO_TIME ? undefined : appendedAt,
    throttleMs: asked.throttleMs(),
  }
}

const NO_TIME = -1

interface ProduceAnswer {
  readonly topics: readonly {
    readonly topicName: string
    readonly partitions: readonly {
      readonly partition: number
      readonly errorCode: number
      readonly baseOffset: string
      readonly logAppendTime?: string
    }[]
  }[]
}

/**
 * The same broker with changes to its next request. The body is ours, because kafkajs takes too long to encode records. The answer does
 * not make kafkajs delay all further requests: they would wait unseen, by a wall clock that may be set. We keep the pause ourselves.
 */
function prepared(broker: Broker, body: Buffer): { broker: Broker; throttleMs: () => number } {
  const { lookupRequest } = broker as BrokerForProducing
  let throttleMs = 0
  const look: BrokerForProducing['lookupRequest'] = (apiKey, definition) => (options) => {
    const made = lookupRequest(apiKey, definition)(options)
    const decode = async (bytes: Buffer) => {
      const answer = await made.response.decode(bytes)
      throttleMs = answer.clientSideThrottleTime ?? 0
      return { ...answer, clientSideThrottleTime: 0 }
    }
    return {
      ...made,
      request: { ...made.request, encode: async () => ({ buf: body, buffer: body }) },
      response: { ...made.response, decode },
    }
  }
  return { broker: Object.create(broker, { lookupRequest: { value: look } }), throttleMs: () => throttleMs }
}

/** The same in all versions from 3 on, which brokers since 0.11 support. All records have this `timestamp`. */
export function encodeProduceBody({ topic, partition, identity, firstSequence, records }: ProduceRequest, timestamp: number): Buffer {
  const batch = encodeRecordBatch(records, { identity, firstSequence, timestamp })
  const name = Buffer.from(topic)
  const head = Buffer.allocUnsafe(26 + name.length)
  let at = head.writeInt16BE(-1, 0) // no transaction
  at = head.writeInt16BE(HEAD.acks, at)
  at = head.writeInt32BE(HEAD.timeout, at)
  at = head.writeInt32BE(1, at) // topics
  at = head.writeInt16BE(name.length, at)
  at += name.copy(head, at)
  at = head.writeInt32BE(1, at) // partitions
  at = head.writeInt32BE(partition, at)
  head.writeInt32BE(batch.length, at)
  return Buffer.concat([head, batch])
}
