import type { Arrow, ArrowRow, NodeName } from '../watch/ledger.ts'

/** The state of the run at one moment. */
export interface Snapshot {
  readonly elapsedMs: number
  readonly produced: number
  readonly rows: readonly ArrowRow[]
  /** Lines such as "bridge node-a-1 was restarted 2 times". */
  readonly notes: readonly string[]
}

export interface TableOptions {
  /** At the end, records that have not arrived are missing; before, they are on their way. */
  readonly isFinal: boolean
}

const HEADINGS = ['count', 'per s', 'p50', 'p99', 'repeats']

/** The live table as lines of text. */
export function renderTable({ rows, produced, elapsedMs, notes }: Snapshot, { isFinal }: TableOptions): string[] {
  const seconds = Math.max(elapsedMs / 1000, 0.001)
  const cells = rows.map((row) => {
    const rate = isFinal ? row.count / seconds : row.rate
    return [arrowText(row.arrow, row.to), `${row.count}`, rate.toFixed(1), ms(row.p50), ms(row.p99), `${row.repeats}`, `${row.missing}`]
  })
  const heading = [`${produced} produced in ${seconds.toFixed(0)} s`, ...HEADINGS, isFinal ? 'missing' : 'on its way']
  const widths = heading.map((text, column) => Math.max(text.length, ...cells.map((line) => line[column]?.length ?? 0)))
  const align = (line: string[]) =>
    line.map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0))).join('   ')
  const [first, ...rest] = groupByNode(cells.map(align), rows)
  return [align(heading), ...(first ?? []), ...rest.flatMap((group) => ['', ...group]), ...notes]
}

/** The name of an arrow for people. */
export function arrowText(arrow: Arrow, to: NodeName): string {
  const from = to === 'A' ? 'B' : 'A'
  const texts: Record<Arrow, string> = {
    gossip: `in-topics of ${from} -> gossip -> event log of ${to}`,
    validation: `event log of ${to} -> blocks, subtrees of ${to}`,
    browser: `event log of ${to} -> browser at ${to}`,
    teranode: `event log of ${to} -> Teranode's objects at ${to}`,
    own: `in-topics of ${to} -> event log of ${to}`,
  }
  return texts[arrow]
}

function groupByNode(lines: string[], rows: readonly ArrowRow[]): string[][] {
  const groups = new Map<string, string[]>()
  for (const [index, { to }] of rows.entries()) groups.set(to, [...(groups.get(to) ?? []), lines[index] ?? ''])
  return [...groups.values()]
}

function ms(value: number | undefined): string {
  if (value === undefined) return '-'
  return value < 10_000 ? `${value} ms` : `${(value / 1000).toFixed(1)} s`
}
