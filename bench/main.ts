import { readFileSync, writeFileSync } from 'node:fs'
import { STEADY } from '../deploy/local/kafka/broker-config.ts'
import { startKafka } from '../deploy/local/kafka/kafka.ts'
import { startGuard } from '../deploy/local/processes/guard.ts'
import { projectFile } from '../deploy/local/programs/local-files.ts'
import { banCommands, banEnforced } from './bans/ban-commands.ts'
import { banStart } from './bans/ban-start.ts'
import { historyRequests } from './browsers/history-requests.ts'
import { idleClients } from './browsers/idle-clients.ts'
import { lateClients } from './browsers/late-clients.ts'
import { logToBrowsers, logToBrowsersFaster } from './browsers/log-to-browsers.ts'
import { reconnectStorm } from './browsers/reconnect-storm.ts'
import { stuckClients } from './browsers/stuck-clients.ts'
import { eventsToBlocks } from './events-to-blocks.ts'
import { gossipToBlocks } from './gossip-to-blocks.ts'
import { gossipToLog } from './gossip-to-log.ts'
import { idle } from './idle.ts'
import { banCheck, decode, verdicts } from './in-memory.ts'
import { kafkaToGossip } from './kafka-to-gossip.ts'
import { memory } from './memory.ts'
import { handshakes } from './peers/handshakes.ts'
import { idlePeers } from './peers/idle-peers.ts'
import { relayHighest } from './relay/highest.ts'
import { relay, relayParts } from './relay/relay.ts'
import { start } from './start.ts'
import type { Bench } from './support/bench.ts'
import { type BenchReport, toJson, toMarkdown } from './support/measure/report.ts'
import { withScope } from './support/scope.ts'
import { threeInstances } from './three-instances.ts'

const BENCHES: readonly Bench[] = [
  kafkaToGossip,
  gossipToLog,
  gossipToBlocks,
  eventsToBlocks,
  threeInstances,
  logToBrowsers,
  ...logToBrowsersFaster,
  idleClients,
  reconnectStorm,
  lateClients,
  stuckClients,
  historyRequests,
  relay,
  ...relayParts,
  relayHighest,
  decode,
  verdicts,
  banCheck,
  banCommands,
  banEnforced,
  banStart,
  start,
  idle,
  idlePeers,
  handshakes,
  memory,
]
const README = ['bench', 'README.md']
const BEGIN = '<!-- latest -->'
const END = '<!-- /latest -->'

/** `npm run bench [-- NAME...] [--write]`. The table and then the same as JSON go to standard output, everything else to standard error. */
export async function main(words: readonly string[]): Promise<number> {
  const names = words.filter((word) => word !== '--write')
  const unknown = names.filter((name) => !BENCHES.some((bench) => bench.name === name))
  if (unknown.length > 0) {
    console.error(`bench: there is no ${unknown.join(', ')}; there are ${BENCHES.map(({ name }) => name).join(', ')}`)
    return 2
  }
  const reports = await runAll(BENCHES.filter(({ name, isLong }) => (names.length === 0 ? !isLong : names.includes(name))))
  const date = new Date()
  console.log(toMarkdown(reports, date))
  console.log(toJson(reports, date))
  if (words.includes('--write')) writeLatest(toMarkdown(reports, date))
  return 0
}

/** One after the other, each with its own Kafka, so that the records of one do not burden the next. */
async function runAll(benches: readonly Bench[]): Promise<BenchReport[]> {
  const guard = startGuard()
  const reports: BenchReport[] = []
  for (const bench of benches) {
    const say = (line: string) => console.error(`  ${line}`)
    console.error(`${bench.name}: ${bench.title}`)
    const figures = await withScope(async (scope) => {
      const kafka = await startKafka({ settings: STEADY, say })
      scope.add(() => kafka.stop())
      return bench.run({ kafka, guard, scope, say })
    })
    reports.push({ bench, figures })
  }
  guard.release()
  return reports
}

function writeLatest(markdown: string): void {
  const file = projectFile(...README)
  const text = readFileSync(file, 'utf8')
  const [before, after] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (before < 0 || after < before) throw new Error(`${file} has no place for the table: ${BEGIN} and ${END}`)
  writeFileSync(file, `${text.slice(0, before + BEGIN.length)}\n${markdown}\n${text.slice(after)}`)
}
