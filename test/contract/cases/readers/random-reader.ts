import { createKafka } from '../../../../src/kafka/client/connection.ts'
import { createPartitionReader } from '../../../../src/kafka/reader/partition-reader.ts'
import { OffsetOutOfRangeError } from '../../../../src/kafka/reader/reading-retries.ts'
import { SYSTEM_CLOCK } from '../../../../src/lifecycle/clock.ts'
import { sleep } from '../../../../src/lifecycle/time.ts'
import { fetchesOf } from './count-fetches.mjs'
import { createParts } from './parts.ts'
import { keyOf, type Reader } from './reader.ts'

const POLL_MS = 100

/** Reads at given offsets, like the reads for the history of browsers: here one after the other, from the oldest record to the end. */
export const randomReader: Reader = {
  name: 'random reads',
  async open({ topic, brokers, clientId, from }) {
    const delivered: string[] = []
    const faults: string[] = []
    const ended = new AbortController()
    const parts = createParts()
    const onThrottled = () => parts.reported.includes('throttled') || parts.reported.push('throttled')
    const reader = createPartitionReader(
      { topic },
      { clock: SYSTEM_CLOCK, ...parts, kafka: createKafka({ clientId, brokers }, parts), onThrottled },
    )
    let at = from ?? (await reader.bounds()).low

    async function readOn(): Promise<void> {
      try {
        const { records, next } = await reader.read(at)
        for (const record of records) delivered.push(keyOf(record))
        if (next === at) await sleep(POLL_MS, ended.signal)
        at = next
      } catch (error) {
        if (ended.signal.aborted) return
        if (!(error instanceof OffsetOutOfRangeError)) throw error
        const { low, high } = await reader.bounds()
        parts.reported.push(at < low ? 'expired' : 'truncated')
        at = at < low ? low : high
      }
    }

    const reading = (async () => {
      while (!ended.signal.aborted) await readOn()
    })().catch((error) => void faults.push(`a read failed: ${error}`))
    return {
      delivered: () => delivered,
      reported: () => parts.reported,
      position: async () => at,
      lag: async () => undefined,
      fault: () => faults[0],
      fetches: () => fetchesOf(clientId),
      async stop() {
        ended.abort()
        await reader.stop()
        await reading
        return at
      },
    }
  },
}
