import { setTimeout as pause } from 'node:timers/promises'
import type { Guard } from '../../processes/guard.ts'
import { type Child, type ChildEnd, endText, startChild } from './child.ts'
import { Complaints } from './complaints.ts'
import type { DemoBridge } from './nodes.ts'

export interface SupervisorOptions {
  readonly bridge: DemoBridge
  readonly environment: Readonly<Record<string, string>>
}

export interface SupervisorDeps {
  readonly guard: Guard
  /** Called with each line of the bridge's log. */
  readonly onLog: (line: string) => void
  /** Called when the bridge has died and is started again. */
  readonly onRestart: (end: ChildEnd) => void
}

/** Runs one bridge, and starts it again when it dies, as an orchestrator would. */
export interface BridgeSupervisor {
  readonly bridge: DemoBridge
  /** Id of the current process. */
  pid(): number
  restarts(): number
  /** Ends it with SIGKILL; it is started again at once. False when no process is running. */
  kill(): boolean
  /** From now on its warnings count, until its stop: called when all bridges are ready. */
  countWarnings(): void
  /** Numbers of log lines at level warn that count, and at error or fatal. */
  complaints(): { warnings: number; errors: number }
  /** Resolves when the bridge reports that it is ready. Rejects, with the end of its log, when it dies or the time is up. */
  ready(say: (detail: string) => void, signal: AbortSignal): Promise<void>
  /** Resolves with the fault of the stop, or undefined. */
  stop(deadlineMs: number): Promise<string | undefined>
}

const READY_DEADLINE_MS = 120_000
const RESTART_DELAY_MS = 1000
const KEPT_LINES = 30

export function superviseBridge({ bridge, environment }: SupervisorOptions, deps: SupervisorDeps): BridgeSupervisor {
  const complaints = new Complaints()
  const lastLines: string[] = []
  let restarts = 0
  let wasReady = false
  let isStopping = false
  let isRunning = false
  let isKilled = false
  let timer: NodeJS.Timeout | undefined
  let child = start()

  function start(): Child {
    const started = startChild({ args: ['serve'], environment }, { guard: deps.guard, onLine: (_, line) => hear(line) })
    isRunning = true
    void started.ended.then((end) => {
      isRunning = false
      if (isStopping || !wasReady) return
      restarts++
      deps.onRestart(end)
      timer = setTimeout(
        () => {
          child = start()
        },
        isKilled ? 0 : RESTART_DELAY_MS, // a bridge that died without a kill may die again at once
      )
      isKilled = false
    })
    return started
  }

  function hear(line: string): void {
    lastLines.push(line)
    if (lastLines.length > KEPT_LINES) lastLines.shift()
    complaints.hear(line)
    deps.onLog(line)
  }

  return {
    bridge,
    pid: () => child.pid,
    restarts: () => restarts,
    kill() {
      if (!isRunning || isKilled) return false
      isKilled = child.kill()
      return isKilled
    },
    countWarnings: () => complaints.countWarnings(),
    complaints: () => complaints.counts(),
    async ready(say, signal) {
      const death = child.ended.then((end) => {
        throw new Error(`${bridge.name} ended with ${endText(end)} before it was ready:\n${lastLines.join('\n')}`)
      })
      const late = () => new Error(`${bridge.name} was not ready within ${READY_DEADLINE_MS / 1000} s:\n${lastLines.join('\n')}`)
      await Promise.race([death, awaitReady(bridge, { say, signal, late })])
      wasReady = true
    },
    async stop(deadlineMs) {
      isStopping = true
      complaints.ignoreWarnings()
      clearTimeout(timer)
      const startedAt = performance.now()
      const end = await child.stop(deadlineMs)
      if (end.code === 0 || !wasReady) return undefined
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      return `${bridge.name} did not stop in order: it ended with ${endText(end)} after ${seconds} s`
    },
  }
}

async function awaitReady(
  bridge: DemoBridge,
  deps: { say: (detail: string) => void; signal: AbortSignal; late: () => Error },
): Promise<void> {
  const until = performance.now() + READY_DEADLINE_MS
  const url = `http://127.0.0.1:${bridge.healthPort}/readyz?verbose`
  while (!deps.signal.aborted) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
    const text = (await answer?.text().catch(() => '')) ?? ''
    if (answer?.ok) return
    deps.say(unreadyParts(text))
    if (performance.now() > until) throw deps.late()
    await pause(50, undefined, { signal: deps.signal }).catch(() => {})
  }
  throw new Error('stopped while a bridge was starting')
}

/** `/readyz?verbose` has a line for each part; those that are not ready begin with `[-]`. */
function unreadyParts(report: string): string {
  return report
    .split('\n')
    .flatMap((line) => (line.startsWith('[-] ') ? [line.slice(4)] : []))
    .join(', ')
}
