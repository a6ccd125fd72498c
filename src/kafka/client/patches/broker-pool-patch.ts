import { createRequire } from 'node:module'
import type { KafkaJSConnectionError } from 'kafkajs'
import type { RequestQueue } from './request-queue-patch.ts'

interface PooledBroker {
  readonly versions: unknown
  readonly brokerAddress: string
  readonly connectionPool: { readonly pool: readonly { readonly requestQueue: RequestQueue }[] }
  isConnected(): boolean
}

interface BrokerPool {
  readonly brokers: Readonly<Record<string, PooledBroker>>
  readonly seedBroker?: PooledBroker
  connect(): Promise<void>
  createSeedBroker(): Promise<void>
  findBroker(options: { nodeId: string }): Promise<PooledBroker>
  findConnectedBroker(): Promise<PooledBroker>
  withBroker(callback: (found: { nodeId: string; broker: PooledBroker }) => Promise<unknown>): Promise<unknown>
}

/** Bootstrap brokers that are tried in one go; each one that says nothing costs the request timeout. */
const MAX_SEEDS = 3
const LATE_MS = 1000
const AVOID_MS = 5000
/** These are answered when others have come, which says nothing of the broker. */
const WAIT_FOR_OTHERS = new Set(['JoinGroup', 'SyncGroup'])

/**
 * Makes kafkajs 2.2.4 get past a broker that takes connections and says nothing, because it is frozen or is a proxy before a
 * dead one. It may run many times. As it comes, kafkajs
 * - asks a broker for its versions right after connecting; the second try finds a connection that stands and takes it for
 *   good, so every request fails with "Broker not connected", also long after the broker has come back;
 * - asks any connected broker for the metadata, the silent one as well, again and again;
 * - gives up looking for a coordinator when the first broker that it picks cannot be connected to.
 */
export function patchBrokerPool(): void {
  const require = createRequire(import.meta.url)
  const { prototype } = require('kafkajs/src/cluster/brokerPool') as { prototype: BrokerPool }
  const errors = require('kafkajs/src/errors') as {
    KafkaJSConnectionError: typeof KafkaJSConnectionError
    KafkaJSBrokerNotFound: new (message: string) => Error
  }
  const { connect, findConnectedBroker } = prototype
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
    throw new errors.KafkaJSConnectionError(`the broker ${broker} takes connections and says nothing`, { broker })
  }

  prototype.connect = connectToOneThatAnswers
  prototype.findConnectedBroker = function findOneThatAnswers(this: BrokerPool) {
    const nodeIds = Object.keys(this.brokers).filter((each) => answers(this.brokers[each]))
    const nodeId = nodeIds[Math.floor(Math.random() * nodeIds.length)]
    return nodeId === undefined ? findConnectedBroker.call(this) : this.findBroker({ nodeId })
  }
  prototype.withBroker = async function withEachBroker(this: BrokerPool, callback) {
    const nodeIds = Object.keys(this.brokers)
    if (nodeIds.length === 0) throw new errors.KafkaJSBrokerNotFound('no broker is known yet') // kafkajs then asks for the metadata
    const order = [...nodeIds.filter((each) => answers(this.brokers[each])), ...nodeIds.filter((each) => !answers(this.brokers[each]))]
    for (const nodeId of order) {
      try {
        return await callback({ nodeId, broker: await this.findBroker({ nodeId }) })
      } catch {} // the next one
    }
    return null
  }
}

/** Connected, and neither was a request of the last seconds left unanswered nor is one late now. */
function answers(broker: PooledBroker | undefined): boolean {
  if (!broker?.isConnected()) return false
  const now = Date.now()
  return broker.connectionPool.pool.every(({ requestQueue: { timedOutAt = 0, inflight } }) => {
    const isLate = [...inflight.values()].some(
      ({ sentAt, entry }) => now - (sentAt ?? now) > LATE_MS && !WAIT_FOR_OTHERS.has(entry.apiName),
    )
    return !isLate && now - timedOutAt > AVOID_MS
  })
}
