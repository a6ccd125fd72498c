import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { NodeServices } from './node-services.ts'

/** Something that node A's own services said, once Kafka had it. */
export interface OwnNotification {
  readonly hash: string
  readonly at: number
}

/** Node A's services, which have something to say all the time. */
export interface OwnNotifications {
  readonly sent: readonly OwnNotification[]
  stop(): Promise<void>
}

const EVERY_MS = 200
const RETRY_MS = 500

/** Subtrees to the in-topic, one after the other; each is tried until Kafka has it, so it may stand there twice. */
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
        await pause(RETRY_MS, undefined, { signal }).catch(() => {}) // brokers are away, which is what this is about
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
