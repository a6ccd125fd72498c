import type { Figure, Target } from '../support/bench.ts'
import { percentile } from '../support/measure/numbers.ts'
import type { Outcome } from './relay-load.ts'

/** The same load on two bridges, and on two bare relays if there is Go. */
export interface Compared {
  readonly bridge: Outcome
  readonly bare: Outcome | undefined
}

type Of = (outcome: Outcome) => number
type Bound = Omit<Target, 'of'> & { readonly of?: Target['of'] }

/** What the bridge promises of a rate. */
export interface RateTargets {
  readonly p50?: number
  readonly p99?: number
  readonly cpu?: number
  readonly loopDelayMs?: number
}

const lost: Of = ({ sent, arrived }) => sent - arrived
const repeated: Of = (outcome) => outcome.repeated
const latency =
  (share: number): Of =>
  (outcome) =>
    percentile(outcome.latenciesMs, share)
const cpu: Of = ({ sender, receiver }) => sender.cpuMs + receiver.cpuMs
const memory: Of = ({ sender, receiver }) => Math.max(sender.residentMb, receiver.residentMb)
const loopDelay: Of = ({ sender, receiver }) => Math.max(sender.loopDelayMs ?? 0, receiver.loopDelayMs ?? 0)
const perSecond: Of = ({ arrived, wholeMs }) => (arrived * 1000) / wholeMs

/** The rows of a load at an even rate. */
export function rateFigures(rate: number, compared: Compared, targets: RateTargets): Figure[] {
  const row = rowsOf(`${rate}/s`, compared)
  return [
    row('lost', lost, 'messages', atMost(0)),
    row('repeated', repeated, 'messages', atMost(0)),
    row('produced -> read, p50', latency(0.5), 'ms', ratioOf(targets.p50)),
    row('produced -> read, p99', latency(0.99), 'ms', ratioOf(targets.p99)),
    ...costs(row, targets.cpu),
    {
      what: `${rate}/s: event loop delay, p99`,
      measured: loopDelay(compared.bridge),
      unit: 'ms',
      ...(targets.loopDelayMs !== undefined && { target: { of: 'measured', ...atMost(targets.loopDelayMs) } }),
    },
  ]
}

/** The rows of a burst. */
export function burstFigures(count: number, compared: Compared, lostByDefaults: number | undefined): Figure[] {
  const row = rowsOf(`burst of ${count.toLocaleString('en')}`, compared)
  return [
    {
      what: `burst of ${count.toLocaleString('en')}: lost (Go: with its default queues)`,
      measured: lost(compared.bridge),
      unit: 'messages',
      ...(lostByDefaults !== undefined && { baseline: lostByDefaults }),
      target: { of: 'measured', ...atMost(0) },
    },
    row('lost (Go: with long queues)', lost, 'messages'),
    row('repeated', repeated, 'messages', atMost(0)),
    row('through after', ({ wholeMs }) => wholeMs / 1000, 's', ratioOf(1.5)),
    row('messages through', perSecond, 'msg/s'),
    row('first one through after', ({ firstMs }) => firstMs, 'ms', atMost(50)),
    row('longest time without one', ({ longestGapMs }) => longestGapMs, 'ms', atMost(100)),
    row('produced -> read, p99', latency(0.99), 'ms'),
    ...costs(row),
  ]
}

type Row = (what: string, of: Of, unit: string, target?: Bound) => Figure

function costs(row: Row, cpuRatio?: number): Figure[] {
  return [
    row('CPU of a message, both', cpu, 'ms', ratioOf(cpuRatio)),
    row('CPU of a message, sender', ({ sender }) => sender.cpuMs, 'ms'),
    row('CPU of a message, receiver', ({ receiver }) => receiver.cpuMs, 'ms'),
    row('memory after it, the larger', memory, 'MB'),
  ]
}

function rowsOf(load: string, { bridge, bare }: Compared): Row {
  return (what, of, unit, target) => {
    const measured = of(bridge)
    const named = { what: `${load}: ${what}${bare ? '' : ' (no Go here)'}`, measured, unit }
    const baseline = bare && of(bare)
    const compared = baseline === undefined ? {} : { baseline, ...(baseline !== 0 && { ratio: measured / baseline }) }
    const isKnown = target && (target.of !== 'ratio' || baseline !== undefined)
    return { ...named, ...compared, ...(isKnown && { target: { of: 'measured', ...target } }) }
  }
}

const atMost = (value: number): Bound => ({ bound: 'at most', value })
const ratioOf = (value: number | undefined): Bound | undefined =>
  value === undefined ? undefined : { of: 'ratio', bound: 'at most', value }
