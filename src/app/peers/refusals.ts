import type { Logger } from 'pino'
import { RareLog } from '../../lifecycle/rare-log.ts'
import type { GossipMetrics } from '../../telemetry/gossip-metrics.ts'

const REFUSED = 'own messages break a rule of the peers, which would ban this node for them: they are not published'

/** Counts and logs own messages that are not published because they break a rule of the peers. */
export function createRefusals({ log, gossipMetrics }: { log: Logger; gossipMetrics: GossipMetrics }) {
  const refusals = new RareLog<string>({ everyMs: 10_000 }, { say: (messages, rule) => log.error({ messages, rule }, REFUSED) })
  return {
    refused(type: string, fault: string): void {
      gossipMetrics.refusedOwn.inc({ type })
      refusals.count(type, fault)
    },
    stop: () => refusals.stop(),
  }
}
