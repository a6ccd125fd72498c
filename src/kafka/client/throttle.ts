import type { Broker, Cluster } from 'kafkajs'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { DeadlineError, withDeadline } from '../../lifecycle/time.ts'

/** Members that kafkajs 2.2.4 has but does not declare. */
interface ThrottledBroker extends Broker {
  readonly connectionPool: { readonly pool: readonly { readonly requestQueue: { readonly throttledUntil: number } }[] }
}

interface ClusterInside extends Cluster {
  readonly brokerPool: { readonly brokers: Readonly<Record<string, ThrottledBroker>>; readonly seedBroker?: ThrottledBroker }
}

/** How long kafkajs still delays requests to a broker of the cluster because of a quota. */
export function throttledMs(cluster: Cluster): number {
  const { brokers, seedBroker } = (cluster as ClusterInside).brokerPool
  const all = seedBroker ? [seedBroker, ...Object.values(brokers)] : Object.values(brokers)
  const until = all.flatMap(({ connectionPool }) => connectionPool.pool.map(({ requestQueue }) => requestQueue.throttledUntil))
  return Math.max(0, ...until.map((time) => time - SYSTEM_CLOCK.steady())) // see request-queue-patch.ts
}

/** The result of the work, or a DeadlineError after `ms`. Time in which a quota delays requests does not count: slow is not dead. */
export async function withDeadlineUnlessThrottled<T>(
  work: Promise<T>,
  { ms, what, throttledMs }: { ms: number; what: string; throttledMs: () => number },
): Promise<T> {
  let isSettled = false
  const settled = () => {
    isSettled = true
  }
  work.then(settled, settled)
  for (;;) {
    try {
      return await withDeadline(work, ms + throttledMs(), what)
    } catch (error) {
      const isLate = error instanceof DeadlineError && !isSettled
      if (!isLate || throttledMs() === 0) throw error
    }
  }
}
