import type { Socket } from 'node:net'
import { addressOf, connectFeedClient, subscribe } from '../support/feed-client.ts'
import { parent } from '../support/parent.ts'

export interface HistoryClientsOptions {
  readonly port: number
  readonly clients: number
  /** Of each client; the server allows ten. */
  readonly requestsPerSecond: number
  /** The subscriptions that they ask for in turn. */
  readonly subscriptions: readonly object[]
}

export interface HistoryReport {
  readonly asked: number
  /** Requests whose past has been sent whole. A later request of the same client ends the one before. */
  readonly answered: number
  readonly events: number
  readonly closed: number
}

// Clients that ask for the past, again and again.
const { options, tell, on } = await parent<HistoryClientsOptions>()
const { subscriptions, clients } = options
const sockets: Socket[] = []
let [asked, answered, events, closed, ready] = [0, 0, 0, 0, 0]

for (let index = 0; index < clients; index++) {
  sockets.push(
    connectFeedClient(
      { port: options.port, localAddress: addressOf(index), subscription: { last: 0 } },
      {
        onReady() {
          answered += 1
          if (++ready === clients) tell('ready')
        },
        onEvent: () => {
          events += 1
        },
        onEnd: () => {
          closed += 1
        },
      },
    ),
  )
}

/** The clients ask one after the other, evenly over the time. */
function askOn(): void {
  const socket = sockets[asked % clients]
  const subscription = subscriptions[Math.floor(asked / clients) % subscriptions.length]
  asked += 1
  if (socket && subscription && !socket.destroyed) subscribe(socket, subscription)
}

on('go', () => {
  answered = 0
  events = 0
  const startedAt = performance.now()
  setInterval(() => {
    const due = ((performance.now() - startedAt) * clients * options.requestsPerSecond) / 1000
    while (asked < due) askOn()
  }, 5)
})
on('report', () => {
  const report: HistoryReport = { asked, answered, events, closed }
  tell('report', report)
})
