import { appendFileSync, existsSync } from 'node:fs'
import type { Sample } from './honest-peer.ts'
import type { Row } from './rows.ts'
import type { Scrape } from './scrape.ts'

/** What was measured in a row. */
export interface Figure {
  readonly row: Row
  readonly quiet: Sample
  readonly attacked: Sample
  readonly before: Scrape
  readonly after: Scrape
  readonly seen: ReadonlyMap<string, number>
  readonly sent: number
}

/** Prints the table for the README; `HOSTILE_TABLE` names a file to which it is added. */
export function printFigures(figures: readonly Figure[]): void {
  const head = ['attack', 'sent', 'honest: missing', 'p99 without, with (ms)', 'loop p99 (ms)', 'CPU (s)', 'memory (MB)', 'counted as']
  const lines = [head, head.map(() => '---'), ...figures.map(cells)].map((line) => `| ${line.join(' | ')} |`)
  console.log(`\n${lines.join('\n')}\n`)
  const file = process.env.HOSTILE_TABLE
  if (file !== undefined) appendFileSync(file, `${lines.slice(existsSync(file) ? 2 : 0).join('\n')}\n`)
}

function cells({ row, quiet, attacked, before, after, seen, sent }: Figure): string[] {
  const ms = (value: number) => value.toFixed(0)
  const top = [...seen]
    .filter(([key]) => !/^verdict:new$/.test(key))
    .sort(([, a], [, b]) => b - a)
    .slice(0, 3)
  return [
    row.name,
    sent.toLocaleString('en'),
    `${attacked.missing} of ${attacked.sent}`,
    `${ms(quiet.p99)}, ${ms(attacked.p99)}`,
    ms(after.loopP99Ms),
    (after.cpuSeconds - before.cpuSeconds).toFixed(1),
    `${after.residentMb.toFixed(0)} (${after.residentMb >= before.residentMb ? '+' : ''}${(after.residentMb - before.residentMb).toFixed(0)})`,
    top.map(([key, count]) => `\`${key}\` ${count.toLocaleString('en')}`).join(', ') || 'nothing',
  ]
}
