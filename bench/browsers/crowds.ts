import type { CrowdArrival, CrowdOptions, CrowdReport } from '../programs/crowd.ts'
import type { BenchContext } from '../support/bench.ts'
import { startProgram } from '../support/program.ts'
import type { FeedServer } from './feed-server.ts'

/** Clients in a process of their own. */
export interface Crowd {
  /** Rejects when they are not all there within the time. */
  arrive(arrival: CrowdArrival, withinMs?: number): Promise<CrowdReport>
  /** Resets all connections at once. */
  drop(): void
  /** The clients that are still connected. */
  count(): Promise<number>
}

export async function startCrowd(
  { port }: Pick<FeedServer, 'port'>,
  options: Omit<CrowdOptions, 'port'>,
  context: BenchContext,
): Promise<Crowd> {
  const programOptions: CrowdOptions = { port, ...options }
  const program = await startProgram('crowd', programOptions, context)
  await program.hear('ready')
  return {
    async arrive(arrival, withinMs) {
      program.tell('connect', arrival)
      return program.hear<CrowdReport>('connected', withinMs)
    },
    drop: () => program.tell('drop'),
    async count() {
      program.tell('count')
      return program.hear<number>('count')
    },
  }
}

/** What clients of this server subscribe to; null for a server whose clients say nothing. */
export function subscriptionOf({ types }: Pick<FeedServer, 'types'>, more: object = {}): object | null {
  return types && { types, ...more }
}
