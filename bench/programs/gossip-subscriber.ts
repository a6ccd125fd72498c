import { startBareNode } from '../support/bare-node.ts'
import { sharedNow } from '../support/measure/clock.ts'
import { parent } from '../support/parent.ts'

export interface SubscriberOptions {
  readonly topic: string
  /** It reports all arrival times once it has received this many messages. */
  readonly count: number
}

// Bare js-libp2p that listens and records the arrival time of each message.
const { options, tell } = await parent<SubscriberOptions>()
const { node } = await startBareNode([options.topic])
let arrivals: number[] = []
node.services.pubsub.addEventListener('gossipsub:message', () => {
  arrivals.push(sharedNow())
  if (arrivals.length < options.count) return
  tell('all', arrivals)
  arrivals = []
})
tell('listening', String(node.getMultiaddrs()[0]))
