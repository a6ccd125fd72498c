import type { Clock } from '../../lifecycle/clock.ts'
import { sleep } from '../../lifecycle/time.ts'
import { CLOSE } from '../feed/frames.ts'
import type { Client } from './client.ts'

/** Up to this many clients are closed at once. */
const FEW = 50
const STEP_MS = 50
/** Time for clients to read their close frames. */
const LAST_FRAMES_MS = 200

/**
 * Closes all clients with 1012, in random order over a time window, so that they do not all reconnect to other instances at once.
 * For all but Teranode's clients the reason is JSON: where to resume, and when to reconnect.
 */
export async function drainClients(
  clients: readonly Client[],
  { windowMs }: { windowMs: number },
  { cursor, clock }: { cursor(): string | null; clock: Pick<Clock, 'steady'> },
): Promise<void> {
  if (clients.length === 0) return
  const order = shuffled(clients)
  const steps = order.length <= FEW ? 1 : Math.max(1, Math.floor(windowMs / STEP_MS))
  const size = Math.ceil(order.length / steps)
  for (let start = 0; start < order.length; start += size) {
    if (start > 0) await sleep(STEP_MS)
    const now = clock.steady()
    for (const client of order.slice(start, start + size)) {
      client.close({ cause: 'stopping', code: CLOSE.restart, reason: reasonFor(client, cursor()), now })
    }
  }
  await sleep(LAST_FRAMES_MS)
}

function reasonFor(client: Client, cursor: string | null): string {
  if (client.protocol === 'teranode') return ''
  return JSON.stringify({ ...(client.isLive && cursor !== null ? { cursor } : {}), retryAfterMs: 500 + Math.floor(Math.random() * 1500) })
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
