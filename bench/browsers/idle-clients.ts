import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Bench, BenchContext, Figure } from '../support/bench.ts'
import { median } from '../support/measure/numbers.ts'
import { residentMegabytes } from '../support/measure/process-cost.ts'
import { type Crowd, startCrowd, subscriptionOf } from './crowds.ts'
import { type FeedServer, startBareFeed, startEdge } from './feed-server.ts'

const CLIENTS = 5_000
/** There before: the first ones also fill the collector's young generation (2 x 16 MB) and buffers that all share, whoever comes later. */
const FIRST = 5_000
const SETTLE_MS = 12_000
const SAMPLES = 15
const SAMPLE_MS = 400
/** Of one client, with the handshake and one ping. */
const LONGEST_CONNECT_MS = 60_000
const PAGE_BYTES = 4096

export const idleClients: Bench = {
  name: 'browsers-idle',
  title: `${FIRST + CLIENTS} clients that have subscribed and say nothing, against ${FIRST}`,
  doesNotProve:
    'what their events cost; nor memory to some hundred bytes, since the collector decides when garbage goes; the buffers of the kernel are for both ends, and for all programs on the machine',
  isLong: true,
  async run(context): Promise<Figure[]> {
    const bare = await measure(await startBareFeed(context), context)
    const bridge = await measure(await startEdge(context), context)
    return [
      { what: `memory of the process with ${FIRST + CLIENTS} clients`, measured: bridge.megabytes, unit: 'MB', baseline: bare.megabytes },
      {
        what: 'memory of the process for each client',
        measured: bridge.processBytes,
        unit: 'bytes',
        baseline: bare.processBytes,
        target: { of: 'measured', bound: 'at most', value: 2048 },
      },
      { what: 'buffers of the kernel for each client', measured: bridge.kernelBytes, unit: 'bytes', baseline: bare.kernelBytes },
    ]
  },
}

interface Cost {
  /** With all clients. */
  readonly megabytes: number
  readonly processBytes: number
  readonly kernelBytes: number
}

async function measure(server: FeedServer, context: BenchContext): Promise<Cost> {
  const crowd = await startCrowd(server, {}, context)
  const subscription = subscriptionOf(server)
  await crowd.arrive({ clients: FIRST, subscription }, LONGEST_CONNECT_MS)
  const few = await memoryOf(server)
  await crowd.arrive({ clients: CLIENTS, subscription }, LONGEST_CONNECT_MS)
  const many = await memoryOf(server)
  await expectAll(crowd)
  context.say(`${server.form}: ${few.process.toFixed(1)} -> ${many.process.toFixed(1)} MB`)
  await server.stop()
  const processBytes = ((many.process - few.process) * 2 ** 20) / CLIENTS
  return { megabytes: many.process, processBytes, kernelBytes: (many.kernel - few.kernel) / CLIENTS }
}

/** Clients that went would cost nothing. */
async function expectAll(crowd: Crowd): Promise<void> {
  const there = await crowd.count()
  if (there !== FIRST + CLIENTS) throw new Error(`${there} of ${FIRST + CLIENTS} clients are connected`)
}

/** After a time in which all that goes with new clients is done: the process in MB, the kernel's TCP buffers in bytes. */
async function memoryOf({ pid }: FeedServer): Promise<{ process: number; kernel: number }> {
  await pause(SETTLE_MS)
  const [inProcess, kernel]: [number[], number[]] = [[], []]
  for (let sample = 0; sample < SAMPLES; sample++) {
    await pause(SAMPLE_MS)
    inProcess.push(residentMegabytes(pid))
    kernel.push(tcpBytes())
  }
  return { process: median(inProcess), kernel: median(kernel) }
}

function tcpBytes(): number {
  const [, pages = Number.NaN] = /^TCP: .* mem (\d+)/m.exec(readFileSync('/proc/net/sockstat', 'utf8')) ?? []
  return Number(pages) * PAGE_BYTES
}
