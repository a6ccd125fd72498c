import { createHash } from 'node:crypto'
import type { Reporter } from '../report/reporter.ts'
import type { DemoBridge } from './nodes.ts'

/** A bridge that can be killed. */
export interface Victim {
  readonly bridge: Pick<DemoBridge, 'name'>
  /** False when no process was running. */
  kill(): boolean
}

export interface KillerOptions {
  readonly everyMs: number
  /** The same seed picks the same bridges in the same order. */
  readonly seed: string
}

export interface KillerDeps<V extends Victim> {
  readonly victims: readonly V[]
  /** Whether it receives gossip. The last such bridge is spared: gossip has no replay, so messages that nobody receives are lost. */
  readonly isListening: (victim: V) => Promise<boolean>
  readonly reporter: Pick<Reporter, 'say'>
}

export interface Killer {
  kills(): number
  stop(): void
}

const ASK_AGAIN_MS = 100

/** Kills one of several bridges at random, again and again, each time once another one is listening. */
export function startKiller<V extends Victim>({ everyMs, seed }: KillerOptions, deps: KillerDeps<V>): Killer {
  let kills = 0
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  const next = (delayMs: number) => {
    if (!isStopped) timer = setTimeout(() => void attempt(), delayMs)
  }

  async function attempt(): Promise<void> {
    const victim = deps.victims[pick(seed, kills, deps.victims.length)]
    const others = await Promise.all(deps.victims.filter((other) => other !== victim).map((other) => deps.isListening(other)))
    if (isStopped) return
    if (!victim || !others.includes(true) || !victim.kill()) return next(ASK_AGAIN_MS)
    kills++
    deps.reporter.say('kill', [`  ${victim.bridge.name} is killed`], { bridge: victim.bridge.name, kills })
    next(everyMs)
  }

  next(everyMs)
  return {
    kills: () => kills,
    stop: () => {
      isStopped = true
      clearTimeout(timer)
    },
  }
}

function pick(seed: string, turn: number, count: number): number {
  return createHash('sha256').update(`${seed} kill ${turn}`).digest().readUInt32BE() % count
}
