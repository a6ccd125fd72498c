import type { BanListOptions, BanListTimes } from './programs/ban-list.ts'
import type { DecoderOptions, DecoderRates } from './programs/decoder.ts'
import type { VerdictRates, VerdictsOptions } from './programs/verdicts.ts'
import type { Bench, Figure } from './support/bench.ts'
import { median } from './support/measure/numbers.ts'
import { startProgram } from './support/program.ts'

const OPTIONS: DecoderOptions = { roundMs: 300, rounds: 5 }

export const decode: Bench = {
  name: 'decode',
  title: 'Avro bytes -> checked announcement and its route, in memory',
  doesNotProve: 'what reading from Kafka costs: the client library takes several times as long to take a record out of a response',
  async run(context) {
    const program = await startProgram('decoder', OPTIONS, context)
    const rates = await program.hear<DecoderRates>('rates')
    const figure = (what: string, measured: readonly number[], bare: readonly number[]): Figure => ({
      what,
      measured: median(measured),
      unit: 'records/s',
      baseline: median(bare),
      ratio: median(measured) / median(bare),
      target: { of: 'measured', bound: 'at least', value: 200_000 },
    })
    return [
      figure('own notifications decoded and routed', rates.inTopic, rates.inTopicBare),
      figure('entries of the log decoded and routed', rates.log, rates.logBare),
    ]
  },
}

const VERDICTS: VerdictsOptions = { messages: 5000, rounds: 7 }

export const verdicts: Bench = {
  name: 'verdicts',
  title: 'gossip -> verdict, in memory: what a message costs, accepted and refused',
  doesNotProve: 'what reading from the network costs (decryption, streams), nor what becomes of an accepted message',
  async run(context) {
    const program = await startProgram('verdicts', VERDICTS, context)
    const { judged, acceptedUs, refusedUs, violatingUs, bookkeepingUs } = await program.hear<VerdictRates>('rates')
    return [
      {
        what: 'verdicts behind the signature',
        measured: median(judged),
        unit: 'verdicts/s',
        target: { of: 'measured', bound: 'at least', value: 100_000 },
      },
      {
        what: 'a message above the rate, against an accepted one',
        measured: median(refusedUs),
        baseline: median(acceptedUs),
        unit: 'us',
        ratio: median(refusedUs) / median(acceptedUs),
        target: { of: 'ratio', bound: 'at most', value: 0.5 },
      },
      {
        what: 'bookkeeping of scores, in a message that breaks a rule',
        measured: median(bookkeepingUs),
        baseline: median(violatingUs),
        unit: 'us',
        ratio: median(bookkeepingUs) / median(violatingUs),
        target: { of: 'ratio', bound: 'at most', value: 0.03 },
      },
    ]
  },
}

const BAN_LIST: BanListOptions = { entries: 100_000, checks: 200_000, rounds: 7 }

export const banCheck: Bench = {
  name: 'ban-check',
  title: 'whether a peer is banned, in memory, with 100,000 entries',
  doesNotProve: 'how soon a command is enforced',
  async run(context) {
    const program = await startProgram('ban-list', BAN_LIST, context)
    const times = await program.hear<BanListTimes>('times')
    return Object.entries(times).map(([kind, measured]) => ({
      what: `one check by ${kind}`,
      measured: median(measured),
      unit: 'us',
      target: { of: 'measured', bound: 'at most', value: 1 },
    }))
  },
}
