import type { DemoBridge } from './nodes.ts'

/** Whoever has so few peers may have lost the other node, and hear of it through a sibling only. */
const ENOUGH_SUBSCRIBERS = 2
const ANSWER_MS = 2000

/** Whether a bridge is ready and enough peers listen to each kind with it, by its own metrics. */
export async function isListening({ healthPort }: Pick<DemoBridge, 'healthPort'>): Promise<boolean> {
  const [readiness, metrics] = await Promise.all([
    ask(`http://127.0.0.1:${healthPort}/readyz`),
    ask(`http://127.0.0.1:${healthPort}/metrics`),
  ])
  return readiness !== undefined && metrics !== undefined && fewestSubscribers(metrics) >= ENOUGH_SUBSCRIBERS
}

/** Of the gossip topic with the fewest; 0 where there is none. */
export function fewestSubscribers(metrics: string): number {
  const figures = [...metrics.matchAll(/^bridge_gossip_subscribers\{[^}]*\} (\d+)/gm)].map(([, figure]) => Number(figure))
  return figures.length === 0 ? 0 : Math.min(...figures)
}

async function ask(url: string): Promise<string | undefined> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) }).catch(() => undefined)
  const text = await answer?.text().catch(() => undefined)
  return answer?.ok ? text : undefined
}
