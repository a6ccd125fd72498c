import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { addressOf, connectFeedClient } from '../support/feed-client.ts'
import { sharedNow } from '../support/measure/clock.ts'
import { parent } from '../support/parent.ts'

export interface CrowdOptions {
  readonly port: number
  /** Whether the clients read nothing more once they are there. */
  readonly areStuck?: boolean
}

/** With `connect`: so many more clients. */
export interface CrowdArrival {
  readonly clients: number
  /** Null is a client that sends nothing. */
  readonly subscription: object | null
  /** All at once, as after an outage; else some at a time. */
  readonly isStorm?: boolean
}

/** With `connected`: all of them have caught up. */
export interface CrowdReport {
  /** From the first connection's beginning until all had caught up. */
  readonly ms: number
  /** Events that have come to all of them in this time. */
  readonly events: number
}

const WAVE = 50
const WAVE_MS = 25
/** Connections that are begun before those that have been accepted are looked at. */
const STORM_WAVE = 50

// A crowd of clients beside those whose latency is measured.
const { options, tell, on } = await parent<CrowdOptions>()
const sockets = new Set<Socket>()
let arrived = 0

async function connect({ clients, subscription, isStorm = false }: CrowdArrival): Promise<void> {
  const startedAt = sharedNow()
  let ready = 0
  let events = 0
  const isReady = () => {
    ready += 1
    const report: CrowdReport = { ms: sharedNow() - startedAt, events }
    if (ready === clients) tell('connected', report)
  }
  for (let index = 0; index < clients; index++) {
    const socket = connectFeedClient(
      { port: options.port, localAddress: addressOf(arrived++), subscription },
      {
        onReady() {
          if (options.areStuck) socket.pause()
          isReady()
        },
        onEvent: () => {
          events += 1
        },
        onEnd: () => sockets.delete(socket),
      },
    )
    sockets.add(socket)
    const wave = isStorm ? STORM_WAVE : WAVE
    if (index % wave === wave - 1) await pause(isStorm ? 0 : WAVE_MS)
  }
}

on('connect', (arrival) => void connect(arrival as CrowdArrival))
on('drop', () => {
  for (const socket of sockets) socket.resetAndDestroy()
})
on('count', () => tell('count', sockets.size))
tell('ready')
