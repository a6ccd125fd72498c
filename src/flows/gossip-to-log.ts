import type { LogEvent } from '../events/event.ts'
import type { HeardMessage, Verdict } from '../messages/judge-gossip.ts'

export interface GossipToLogOptions {
  readonly network: string
  readonly bridgeId: string
}

export interface GossipToLogDeps {
  readonly judge: (message: HeardMessage) => Verdict
  /** Takes an accepted announcement for the event log; never waits. */
  readonly offer: (event: LogEvent) => void
  readonly count: (topic: string, verdict: Verdict['verdict'], reason: string) => void
  readonly now: () => number
}

/**
 * What the network gossips, to the event log. The router has its answer at once, whatever Kafka does: which instance writes an
 * accepted announcement, and when, is the event log's business.
 */
export function gossipToLog(
  { network, bridgeId }: GossipToLogOptions,
  deps: GossipToLogDeps,
): (message: HeardMessage) => 'accept' | 'ignore' {
  return (message) => {
    const result = deps.judge(message)
    deps.count(message.topic, result.verdict, result.verdict === 'accept' ? 'new' : result.reason)
    if (result.verdict !== 'accept') return result.verdict === 'relay' ? 'accept' : 'ignore'
    const { id, announcement } = result
    deps.offer({ id, network, bridgeId, origin: 'network', peerId: message.signer, receivedAt: deps.now(), ...announcement })
    return 'accept'
  }
}
