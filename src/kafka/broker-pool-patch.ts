import { createRequire } from 'node:module'
import type { KafkaJSConnectionError } from 'kafkajs'

interface BrokerPool {
  readonly brokers: Readonly<Record<string, { isConnected(): boolean }>>
  readonly seedBroker?: { readonly versions: unknown; readonly brokerAddress: string }
  connect(): Promise<void>
  createSeedBroker(): Promise<void>
}

/**
 * kafkajs 2.2.4 asks a broker for its versions right after connecting. When a broker takes the connection and never answers
 * (it is frozen, or is a proxy before a dead one), the second try finds a connection that stands and takes it for good: every
 * request then fails with "Broker not connected", also long after the broker has come back. This throws such a connection
 * away, so that the next try makes a new one, to the next of the bootstrap brokers. It may run many times.
 */
export function patchBrokerPool(): void {
  const require = createRequire(import.meta.url)
  const { prototype } = require('kafkajs/src/cluster/brokerPool') as { prototype: BrokerPool }
  const errors = require('kafkajs/src/errors') as { KafkaJSConnectionError: typeof KafkaJSConnectionError }
  const connect = prototype.connect
  if (connect.name === connectToOneThatAnswers.name) return

  async function connectToOneThatAnswers(this: BrokerPool): Promise<void> {
    await connect.call(this)
    const { seedBroker, brokers } = this
    if (seedBroker?.versions || Object.values(brokers).some((broker) => broker.isConnected())) return
    await this.createSeedBroker()
    const broker = seedBroker?.brokerAddress ?? ''
    throw new errors.KafkaJSConnectionError(`the broker ${broker} takes connections and says nothing`, { broker })
  }
  prototype.connect = connectToOneThatAnswers
}
