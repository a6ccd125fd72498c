import { setTimeout as pause } from 'node:timers/promises'
import { addressOf, connectFeedClient } from '../support/feed-client.ts'
import { sharedNow } from '../support/measure/clock.ts'
import { parent } from '../support/parent.ts'

export interface FeedClientsOptions {
  readonly port: number
  readonly clients: number
  readonly types: readonly string[] | null
  /** Number of events that each client should receive. */
  readonly expected: number
}

export interface FeedReport {
  readonly fewest: number
  readonly most: number
  readonly closed: number
  readonly bytesPerEvent: number
  /** From the write into Kafka to the client, of some clients, since the last report. */
  readonly latenciesMs: readonly number[]
}

const WAVE = 50
const WAVE_MS = 25
const SAMPLED_EACH = 50

// Clients in one process, separate from the measured server.
const { options, tell, on } = await parent<FeedClientsOptions>()
const counts = new Int32Array(options.clients)
const latenciesMs: number[] = []
let bytes = 0
let ready = 0
let complete = 0
let closed = 0

function hear(index: number, buffer: Buffer, start: number, end: number): void {
  const count = (counts[index] ?? 0) + 1
  counts[index] = count
  bytes += end - start
  if (index % SAMPLED_EACH === 0) {
    const at = buffer.indexOf('t=', start, 'latin1')
    if (at < end) latenciesMs.push(sharedNow() - Number.parseFloat(buffer.toString('latin1', at + 2, at + 20)))
  }
  if (count === options.expected && ++complete === options.clients) tell('complete')
}

for (let index = 0; index < options.clients; index++) {
  connectFeedClient(
    { port: options.port, localAddress: addressOf(index), subscription: options.types && { types: options.types } },
    {
      onReady: () => {
        if (++ready === options.clients) tell('ready')
      },
      onEvent: (buffer, start, end) => hear(index, buffer, start, end),
      onEnd: () => {
        closed += 1
      },
    },
  )
  if (index % WAVE === WAVE - 1) await pause(WAVE_MS)
}

on('report', () => {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const counted = { fewest: Math.min(...counts), most: Math.max(...counts), closed, bytesPerEvent: bytes / total }
  const report: FeedReport = { ...counted, latenciesMs: latenciesMs.splice(0) }
  tell('report', report)
})
