import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { NodeServices } from './node-services.ts'

/** A notification of node A's own services that Kafka has acknowledged. */
export interface OwnNotification {
  readonly hash: string
  readonly at: number
}

/** Node A's services, which write notifications continuously. */
export interface OwnNotifications {
  readonly sent: readonly OwnNotification[]
  stop(): Promise<void>
}

const EVERY_MS = 200
const RETRY_MS = 500

/** Writes subtrees to the in-topic, one after the other. Each is retried until Kafka acknowledges it, so it may be there twice. */
export function startOwnNotifications(topic: string, services: NodeServices): OwnNotifications {
  const sent: OwnNotification[] = []
  const stopped = new AbortController()
  const { signal } = stopped

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const hash = randomBytes(32).toString('hex')
      const at = Date.now()
      if (await produce(hash)) sent.push({ hash, at })
      await pause(EVERY_MS, undefined, { signal }).catch(() => {})
    }
  }

  async function produce(hash: string): Promise<boolean> {
    while (!signal.aborted) {
      try {
        await services.produce(topic, [{ key: hash, value: JSON.stringify({ type: 'Subtree', hash }) }])
        return true
      } catch {
        await pause(RETRY_MS, undefined, { signal }).catch(() => {}) // brokers are down, which is what these tests are about
      }
    }
    return false
  }

  const running = run()
  return {
    sent,
    async stop() {
      stopped.abort()
      await running
    },
  }
}
