import type { BridgeProcess } from '../../support/bridge/bridge-process.ts'

/** The bridge at one moment. */
export interface Scrape {
  /** Since the last scrape. */
  readonly loopP99Ms: number
  readonly residentMb: number
  readonly cpuSeconds: number
  /** By reason, of what was refused before a verdict. */
  readonly refused: ReadonlyMap<string, number>
  /** By reason, of verdicts. */
  readonly verdicts: ReadonlyMap<string, number>
  /** By stage. */
  readonly bannedConnections: ReadonlyMap<string, number>
  readonly directStreams: ReadonlyMap<string, number>
}

export async function scrape(bridge: BridgeProcess): Promise<Scrape> {
  const text = await bridge.health('/metrics')
  const sum = (name: string) => [...samplesOf(text, name)].reduce((total, [, value]) => total + value, 0)
  return {
    loopP99Ms: sum('nodejs_eventloop_lag_p99_seconds') * 1000,
    residentMb: sum('process_resident_memory_bytes') / 2 ** 20,
    cpuSeconds: sum('process_cpu_seconds_total'),
    refused: byLabel(text, 'bridge_gossip_refused_total', 'reason'),
    verdicts: byLabel(text, 'bridge_gossip_verdicts_total', 'reason'),
    bannedConnections: byLabel(text, 'bridge_gossip_banned_connections_total', 'stage'),
    directStreams: byLabel(text, 'bridge_gossip_direct_streams_total', 'outcome'),
  }
}

/** How much each entry grew. */
export function growth(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): Map<string, number> {
  const grown = [...after].map(([key, value]) => [key, value - (before.get(key) ?? 0)] as const)
  return new Map(grown.filter(([, more]) => more > 0))
}

function* samplesOf(text: string, name: string): Generator<[labels: string, value: number]> {
  for (const [, labels = '', value] of text.matchAll(new RegExp(`^${name}(\\{.*\\})? (\\S+)$`, 'gm'))) yield [labels, Number(value)]
}

function byLabel(text: string, name: string, label: string): Map<string, number> {
  const sums = new Map<string, number>()
  for (const [labels, value] of samplesOf(text, name)) {
    const key = new RegExp(`${label}="([^"]*)"`).exec(labels)?.[1] ?? ''
    sums.set(key, (sums.get(key) ?? 0) + value)
  }
  return sums
}
