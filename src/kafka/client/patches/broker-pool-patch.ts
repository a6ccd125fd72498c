import { createRequire } from 'node:module'
import type { KafkaJSConnectionError } from 'kafkajs'
import { SYSTEM_CLOCK } from '../../../lifecycle/clock.ts'
import { kafkaErrorType } from '../trouble.ts'
import { type RequestQueue, waitsForMs } from './request-queue-patch.ts'

interface PooledBroker {
  readonly versions: unknown
  readonly brokerAddress: string
  readonly connectionPool: { readonly pool: readonly { readonly requestQueue: RequestQueue }[] }
  isConnected(): boolean
}

interface BrokerPool {
  readonly brokers: Readonly<Record<string, PooledBroker>>
  readonly seedBroker?: PooledBroker
  readonly metadataMaxAge: number
  readonly metadata?: { readonly topicMetadata: readonly { readonly topic: string }[] } | null
  /** By the steady clock; null when a broker was removed. */
  metadataExpireAt?: number | null
  connect(): Promise<void>
  createSeedBroker(): Promise<void>
  findBroker(options: { nodeId: string }): Promise<PooledBroker>
  findConnectedBroker(): Promise<PooledBroker>
  refreshMetadata(topics: readonly string[]): Promise<void>
  refreshMetadataIfNecessary(topics: readonly string[]): Promise<void>
  withBroker(callback: (found: { nodeId: string; broker: PooledBroker }) => Promise<unknown>): Promise<unknown>
}

/** Bootstrap brokers to try in a row; each silent one costs the request timeout. */
const MAX_SEEDS = 3
const LATE_MS = 1000
const AVOID_MS = 5000
/** The coordinator answers these when all members have joined, so a late answer says nothing about the broker. */
const WAIT_FOR_OTHERS = new Set(['JoinGroup', 'SyncGroup'])

/**
 * Makes kafkajs 2.2.4 get past a silent broker: one that accepts connections but never answers, because it is frozen or is a proxy in
 * front of a dead one. It also ages metadata by the steady clock. It may run many times. Unpatched, kafkajs
 * - asks a broker for its versions right after connecting; the second attempt finds an open connection and considers it good, so every
 *   request fails with "Broker not connected", even long after the broker has come back;
 * - asks any connected broker for the metadata, repeatedly the silent one too;
 * - stops looking for a coordinator when the first broker that it picks refuses the connection;
 * - looks for it among the brokers that it knows, even when all of them have gone: brokers that failed once are taken off the list, and
 *   the last one on it may be the dead one. Now it requests the metadata anew, from a bootstrap broker if need be;
 * - keeps old metadata for as long as the wall clock was set back.
 */
export function patchBrokerPool(): void {
  const require = createRequire(import.meta.url)
  const { prototype } = require('kafkajs/src/cluster/brokerPool') as { prototype: BrokerPool }
  const errors = require('kafkajs/src/errors') as {
    KafkaJSConnectionError: typeof KafkaJSConnectionError
    KafkaJSBrokerNotFound: new (message: string) => Error
  }
  const { connect, findConnectedBroker, refreshMetadata } = prototype
  if (connect.name === connectToOneThatAnswers.name) return

  async function connectToOneThatAnswers(this: BrokerPool): Promise<void> {
    const silent = new Set<string>()
    let broker = ''
    do {
      await connect.call(this)
      if (this.seedBroker?.versions || Object.values(this.brokers).some((each) => each.isConnected())) return
      broker = this.seedBroker?.brokerAddress ?? ''
      silent.add(broker)
      await this.createSeedBroker()
    } while (silent.size < MAX_SEEDS && !silent.has(this.seedBroker?.brokerAddress ?? broker))
    throw new errors.KafkaJSConnectionError(`the broker ${broker} takes connections and answers nothing`, { broker })
  }

  prototype.connect = connectToOneThatAnswers
  prototype.findConnectedBroker = function findOneThatAnswers(this: BrokerPool) {
    const nodeIds = Object.keys(this.brokers).filter((each) => answers(this.brokers[each]))
    const nodeId = nodeIds[Math.floor(Math.random() * nodeIds.length)]
    return nodeId === undefined ? findConnectedBroker.call(this) : this.findBroker({ nodeId })
  }
  prototype.refreshMetadata = async function refreshAndDate(this: BrokerPool, topics) {
    await refreshMetadata.call(this, topics)
    this.metadataExpireAt = SYSTEM_CLOCK.steady() + this.metadataMaxAge
  }
  prototype.refreshMetadataIfNecessary = async function refreshWhenOld(this: BrokerPool, topics) {
    const known = new Set(this.metadata?.topicMetadata.map(({ topic }) => topic))
    const isFresh = this.metadata && SYSTEM_CLOCK.steady() < (this.metadataExpireAt ?? 0)
    if (!isFresh || !topics.every((topic) => known.has(topic))) await this.refreshMetadata(topics)
  }
  prototype.withBroker = async function withEachBroker(this: BrokerPool, callback) {
    const nodeIds = Object.keys(this.brokers)
    if (nodeIds.length === 0) throw new errors.KafkaJSBrokerNotFound('no broker is known yet') // kafkajs then asks for the metadata
    const order = [...nodeIds.filter((each) => answers(this.brokers[each])), ...nodeIds.filter((each) => !answers(this.brokers[each]))]
    let hasAnswered = false
    for (const nodeId of order) {
      try {
        return await callback({ nodeId, broker: await this.findBroker({ nodeId }) })
      } catch (error) {
        hasAnswered ||= kafkaErrorType(error) !== undefined // the next one
      }
    }
    if (!hasAnswered) throw new errors.KafkaJSBrokerNotFound('no known broker answers') // the same
    return null
  }
}

/** Connected, with no request timed out in the last seconds and none late now. */
function answers(broker: PooledBroker | undefined): boolean {
  if (!broker?.isConnected()) return false
  return broker.connectionPool.pool.every(({ requestQueue: { timedOutAt = Number.NEGATIVE_INFINITY, inflight } }) => {
    const isLate = [...inflight.values()].some((request) => waitsForMs(request) > LATE_MS && !WAIT_FOR_OTHERS.has(request.entry.apiName))
    return !isLate && SYSTEM_CLOCK.steady() - timedOutAt > AVOID_MS
  })
}
