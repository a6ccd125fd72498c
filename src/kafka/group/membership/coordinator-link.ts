import type { Broker, Cluster } from 'kafkajs'
import { withDeadline } from '../../../lifecycle/time.ts'
import type { KafkaConnection } from '../../client/connection.ts'
import { troubleOf } from '../../client/trouble.ts'

const CONNECT_DEADLINE_MS = 5000
const CLOSE_DEADLINE_MS = 1000

/** A separate connection to the coordinator of one group: offset requests must not wait for a join or a long poll. */
export class CoordinatorLink {
  readonly #groupId: string
  readonly #createCluster: () => Cluster
  #cluster: Cluster
  #broker: Promise<Broker> | undefined
  #isClosed = false

  constructor({ groupId }: { groupId: string }, { kafka }: { kafka: Pick<KafkaConnection, 'cluster'> }) {
    this.#groupId = groupId
    this.#createCluster = () => kafka.cluster()
    this.#cluster = kafka.cluster()
  }

  /**
   * Sends a request to the coordinator. When it does not answer, or no longer coordinates the group, the next request looks it up again.
   */
  async ask<T>(request: (coordinator: Broker) => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new Error(`the link to the coordinator of group ${this.#groupId} is closed`)
    this.#broker ??= this.#lookUp()
    const asked = this.#broker
    try {
      return await request(await asked)
    } catch (error) {
      if (this.#broker === asked && troubleOf(error) === 'away') {
        this.#broker = undefined
        void this.#leave(asked)
      }
      throw error
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#disconnect()
  }

  async #disconnect(cluster = this.#cluster): Promise<void> {
    await withDeadline(cluster.disconnect(), CLOSE_DEADLINE_MS, 'closing connections').catch(() => {})
  }

  /** After a failure a new client begins with the bootstrap brokers: the brokers that this one still knows may all be dead or frozen. */
  async #lookUp(): Promise<Broker> {
    const cluster = this.#cluster
    try {
      return await withDeadline(this.#find(cluster), CONNECT_DEADLINE_MS, `looking for the coordinator of group ${this.#groupId}`)
    } catch (error) {
      this.#cluster = this.#createCluster()
      void this.#disconnect(cluster)
      throw error
    }
  }

  async #find(cluster: Cluster): Promise<Broker> {
    try {
      await cluster.connect()
      return await cluster.findGroupCoordinator({ groupId: this.#groupId })
    } finally {
      if (this.#isClosed || cluster !== this.#cluster) await this.#disconnect(cluster) // again: kafkajs continues to connect after a disconnect
    }
  }

  /** Not awaited: kafkajs waits for outstanding answers, and a frozen broker sends none. */
  async #leave(asked: Promise<Broker>): Promise<void> {
    try {
      const broker = await asked
      const { host, port } = (broker as Broker & { connectionPool: { host: string; port: number } }).connectionPool
      this.#cluster.removeBroker({ host, port })
      await broker.disconnect()
    } catch {} // it was never found, or is disconnected already
  }
}
