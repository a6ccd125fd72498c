import { sharedNow } from '../support/measure/clock.ts'
import { cpuSeconds, mainThreadSeconds } from '../support/measure/process-cost.ts'
import { noteLoad } from './profile.ts'

export interface LoadOfProcess {
  readonly name: string
  readonly role: string
  readonly pid: number
  readonly messages: number
}

/** Begins to count the CPU time of a process for a load. The answer ends it: it notes the load for parts.mjs and gives the milliseconds of a message. */
export function startLoadCost({ name, role, pid, messages }: LoadOfProcess): () => number {
  const before = { at: sharedNow(), all: cpuSeconds(pid), main: mainThreadSeconds(pid) }
  return () => {
    const allThreadsMs = (cpuSeconds(pid) - before.all) * 1000
    const mainThreadMs = (mainThreadSeconds(pid) - before.main) * 1000
    noteLoad({ name, pid, role, messages, from: before.at, to: sharedNow(), mainThreadMs, allThreadsMs })
    return allThreadsMs / messages
  }
}
