import { WebSocket } from 'ws'
import { GossipBridgeClient, type GossipBridgeClientOptions } from '../../../src/client/client.ts'
import { onEnd } from '../../support/on-end.ts'

export interface Heard {
  readonly client: GossipBridgeClient
  readonly ids: string[]
  readonly cursors: string[]
  readonly gaps: { requested: string | null; oldest: string | null; reason: string; missed?: number }[]
  /** All that happened, in order. */
  readonly order: (['event', string] | ['gap', number])[]
  readonly states: string[]
  readonly reasons: string[]
  /** Breaks the present connection, as a network does: without a close frame. */
  cut(): void
}

/** A client of the package that keeps all it hears, and comes back fast. */
export function startClient(options: Omit<GossipBridgeClientOptions, 'WebSocket'>): Heard {
  let socket: WebSocket | undefined
  class Watched extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { perMessageDeflate: false })
      socket = this
    }
  }
  const heard: Omit<Heard, 'client'> = {
    ids: [],
    cursors: [],
    gaps: [],
    order: [],
    states: [],
    reasons: [],
    cut: () => socket?.terminate(),
  }
  const client = new GossipBridgeClient(
    { firstWaitMs: 10, longestWaitMs: 100, ...options, WebSocket: Watched as never },
    {
      onEvent({ id, cursor }) {
        heard.ids.push(id)
        heard.cursors.push(cursor)
        heard.order.push(['event', cursor])
      },
      onGap(gap) {
        heard.gaps.push(gap)
        heard.order.push(['gap', heard.gaps.length - 1])
      },
      onState(state, reason) {
        heard.states.push(state)
        heard.reasons.push(reason)
      },
    },
  )
  onEnd(() => client.close())
  client.open()
  return { ...heard, client }
}
