import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { projectFile } from '../../../../deploy/local/programs/local-files.ts'
import type { Report } from '../case.ts'
import type { Reader } from './reader.ts'

const COUNTER = new URL('count-fetches.mjs', import.meta.url)

/** Reports on standard error. */
const REPORTS: readonly [RegExp, Report][] = [
  [/does not have offset \d+ any more/, 'expired'],
  [/does not have offset \d+: it ends at \d+, or has lost its newest records/, 'truncated'],
  [/has lost its newest records, before offset \d+, as by an unclean election/, 'truncated'],
  [/the topic was deleted and created again/, 'topic-made-anew'],
  [/has more records, but an open transaction holds them back/, 'open-transaction'],
  [/a quota of the cluster .* slows down reading/, 'throttled'],
  [/"msg":"records skipped"/, 'undecodable'],
]

/** `gossip-bridge tail`, as a user types it. It has to end when nothing will change any more. */
export const cliReader: Reader = {
  name: 'CLI',
  async open({ topic, brokers, clientId, from, isLast }) {
    const delivered: string[] = []
    const reported: Report[] = []
    const faults: string[] = []
    let next = from ?? 0n
    const words = ['tail', topic, '--from', from === undefined ? 'earliest' : `${from}`, ...(isLast ? ['--until-end'] : [])]
    const child = spawn(process.execPath, ['--import', COUNTER.href, projectFile('dist', 'main.js'), ...words], {
      env: { PATH: process.env.PATH, KAFKA_BROKERS: brokers.join(','), KAFKA_CLIENT_ID: clientId, COUNT_FETCHES_TO: '3' },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    }) as ChildProcessByStdio<null, Readable, Readable>
    let fetches = ''
    child.stdio[3]?.on('data', (text) => {
      fetches += text
    })
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { key, offset, partition } = JSON.parse(line) as { key?: string; offset: number; partition: number }
      delivered.push(key ?? 'null')
      if (partition === 0) next = BigInt(offset) + 1n
    })
    createInterface({ input: child.stderr }).on('line', (line) => {
      const found = REPORTS.find(([pattern]) => pattern.test(line))
      if (found) reported.push(found[1])
      else faults.push(line)
    })
    let code: number | null | undefined
    const closed = once(child, 'close').then(([exitCode]) => {
      code = exitCode as number | null
    })
    return {
      delivered: () => delivered,
      reported: () => reported,
      // It does not report its offset; by ending it shows that it is at the end.
      position: async () => undefined,
      lag: async () => (isLast && code === undefined ? -1 : undefined),
      fault: () => (faults.length === 0 && !code ? undefined : `it ended with ${code}: ${faults.join('; ')}`),
      fetches: () => Number(fetches),
      async stop() {
        if (code === undefined) child.kill('SIGINT')
        await closed
        return next
      },
    }
  },
}
