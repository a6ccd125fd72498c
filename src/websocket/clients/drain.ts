import { setTimeout as after } from 'node:timers/promises'
import { CLOSE } from '../feed/frames.ts'
import type { Client } from './client.ts'

/** So few are sent away at once. */
const FEW = 50
const STEP_MS = 50
/** How long clients get to take their close frames. */
const LAST_WORDS_MS = 200

/**
 * Sends all clients away with 1012, in random order over a window, so that the instances that take them over are not met by
 * all at once. The reason of the subprotocol's clients is JSON: where to resume, and when to come back.
 */
export async function drainClients(
  clients: readonly Client[],
  { windowMs }: { windowMs: number },
  { cursor }: { cursor(): string | null },
): Promise<void> {
  if (clients.length === 0) return
  const order = shuffled(clients)
  const steps = order.length <= FEW ? 1 : Math.max(1, Math.floor(windowMs / STEP_MS))
  const size = Math.ceil(order.length / steps)
  for (let start = 0; start < order.length; start += size) {
    if (start > 0) await after(STEP_MS)
    for (const client of order.slice(start, start + size)) client.close('stopping', CLOSE.restart, reasonFor(client, cursor()))
  }
  await after(LAST_WORDS_MS)
}

function reasonFor(client: Client, cursor: string | null): string {
  if (client.protocol !== 'v1') return ''
  return JSON.stringify({ ...(client.isLive && cursor !== null ? { cursor } : {}), retryAfterMs: 500 + Math.floor(Math.random() * 1500) })
}

function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}
