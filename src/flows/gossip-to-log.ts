import type { LogEvent } from '../events/event.ts'
import type { OutgoingRecord } from '../kafka/record.ts'
import type { HeardMessage, Verdict } from '../messages/judge-gossip.ts'

export interface GossipToLogOptions {
  readonly network: string
  readonly bridgeId: string
}

export interface GossipToLogDeps {
  readonly judge: (message: HeardMessage) => Verdict
  readonly toRecord: (event: LogEvent) => OutgoingRecord
  /** Takes an accepted announcement into the ring; never waits. */
  readonly offer: (id: string, record: OutgoingRecord) => void
  readonly count: (topic: string, verdict: Verdict['verdict'], reason: string) => void
  readonly now: () => number
}

/**
 * What the network gossips, to the log. The answer for the router comes at once, whatever Kafka does: who writes an accepted
 * announcement, and when, is the log writer's business.
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
    const event: LogEvent = { id, network, bridgeId, origin: 'network', peerId: message.signer, receivedAt: deps.now(), ...announcement }
    deps.offer(id, deps.toRecord(event))
    return 'accept'
  }
}
