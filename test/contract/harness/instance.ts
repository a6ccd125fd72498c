import { appendFileSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type Child, type ChildEnd, endText, startChild } from '../../../deploy/local/demo/stack/child.ts'
import type { DemoBridge } from '../../../deploy/local/demo/stack/nodes.ts'
import type { Guard } from '../../../deploy/local/processes/guard.ts'

export interface InstanceOptions {
  readonly bridge: DemoBridge
  readonly environment: Readonly<Record<string, string>>
  /** Another program than `dist/main.js`, for controls. */
  readonly program?: string
  /** The bridge's own log is appended here. */
  readonly logFile?: string
}

/** One bridge of node A: a process that can be killed, frozen and stopped, and that restarts with the same identity. */
export interface Instance {
  readonly name: string
  readonly webSocketUrl: string
  isRunning(): boolean
  /** Resolves when it reports that it is ready. */
  start(): Promise<void>
  ready(): Promise<void>
  /** Sends SIGTERM; resolves with the exit code or signal. */
  stop(): Promise<ChildEnd>
  kill(): Promise<void>
  freeze(): void
  thaw(): void
  isPrimary(): Promise<boolean>
  /** How often it ended without a request. */
  unwantedEnds(): number
  residentMegabytes(): number
}

const READY_DEADLINE_MS = 150_000
const STOP_DEADLINE_MS = 15_000
const KEPT_LINES = 30

export function createInstance(options: InstanceOptions, { guard }: { guard: Guard }): Instance {
  const { bridge } = options
  const healthUrl = `http://127.0.0.1:${bridge.healthPort}`
  const lastLines: string[] = []
  let child: Child | undefined
  let unwantedEnds = 0
  let isEnding = false

  function onLine(line: string): void {
    lastLines.push(line)
    if (lastLines.length > KEPT_LINES) lastLines.shift()
    if (options.logFile) appendFileSync(options.logFile, `${line}\n`)
  }

  async function ready(): Promise<void> {
    const until = performance.now() + READY_DEADLINE_MS
    let said = ''
    while (performance.now() < until) {
      if (!child) throw new Error(`${bridge.name} ended before it was ready:\n${lastLines.join('\n')}`)
      const answer = await get(`${healthUrl}/readyz?verbose`)
      // An instance stays ready when a Kafka part has only just failed, but a fault must start from a healthy instance.
      if (answer?.ok && !answer.text.includes('[~]')) return
      said = answer?.text ?? 'no answer'
      await pause(50)
    }
    throw new Error(`${bridge.name} was not ready within ${READY_DEADLINE_MS / 1000} s: ${said}`)
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<ChildEnd> {
    const ending = child
    if (!ending) return { code: null, signal: null }
    isEnding = true
    if (signal === 'SIGKILL') process.kill(ending.pid, signal)
    return signal === 'SIGKILL' ? ending.ended : ending.stop(STOP_DEADLINE_MS)
  }

  return {
    name: bridge.name,
    webSocketUrl: `ws://127.0.0.1:${bridge.httpPort}/p2p-ws`,
    isRunning: () => child !== undefined,
    async start() {
      if (child) throw new Error(`${bridge.name} runs already`)
      isEnding = false
      const { environment, program } = options
      const started = startChild(
        { args: ['serve'], environment, ...(program ? { program } : {}) },
        { guard, onLine: (_, line) => onLine(line) },
      )
      child = started
      void started.ended.then((how) => {
        child = undefined
        if (isEnding) return
        unwantedEnds++
        onLine(`${bridge.name} ended by itself with ${endText(how)}`)
      })
      await ready()
    },
    ready,
    stop: () => end('SIGTERM'),
    kill: async () => void (await end('SIGKILL')),
    freeze: () => void (child && process.kill(child.pid, 'SIGSTOP')),
    thaw: () => void (child && process.kill(child.pid, 'SIGCONT')),
    isPrimary: async () => /^bridge_primary 1$/m.test((await get(`${healthUrl}/metrics`))?.text ?? ''),
    unwantedEnds: () => unwantedEnds,
    residentMegabytes: () => (child ? residentMegabytes(child.pid) : 0),
  }
}

async function get(url: string): Promise<{ ok: boolean; text: string } | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(1000), headers: { connection: 'close' } })
    return { ok: answer.ok, text: await answer.text() }
  } catch {
    return undefined
  }
}

function residentMegabytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
  } catch {
    return 0 // only Linux tells
  }
}
