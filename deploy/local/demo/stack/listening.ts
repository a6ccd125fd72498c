import type { DemoBridge } from './nodes.ts'

/** A bridge with fewer subscribers may have lost the other node, and get its messages through a sibling only. */
const ENOUGH_SUBSCRIBERS = 2
const ANSWER_MS = 2000

/** Whether a bridge is ready and, by its own metrics, sees enough subscribers of each gossip topic. */
export async function isListening({ healthPort }: Pick<DemoBridge, 'healthPort'>): Promise<boolean> {
  const [readiness, metrics] = await Promise.all([
    ask(`http://127.0.0.1:${healthPort}/readyz`),
    ask(`http://127.0.0.1:${healthPort}/metrics`),
  ])
  return readiness !== undefined && metrics !== undefined && fewestSubscribers(metrics) >= ENOUGH_SUBSCRIBERS
}

/** Subscribers of the gossip topic with the fewest; 0 without topics. */
export function fewestSubscribers(metrics: string): number {
  const figures = [...metrics.matchAll(/^bridge_gossip_subscribers\{[^}]*\} (\d+)/gm)].map(([, figure]) => Number(figure))
  return figures.length === 0 ? 0 : Math.min(...figures)
}

async function ask(url: string): Promise<string | undefined> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => undefined)
  const text = await answer?.text().catch(() => undefined)
  return answer?.ok ? text : undefined
}
