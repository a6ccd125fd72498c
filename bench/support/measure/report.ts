import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { type Bench, type Figure, isReached, type Target } from '../bench.ts'

export interface BenchReport {
  readonly bench: Bench
  readonly figures: readonly Figure[]
}

/** The machine of the measurement: figures of different machines cannot be compared. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() || process.arch
  const gigabytes = Math.round(totalmem() / 2 ** 30)
  return `${availableParallelism()} cores (${model}), ${gigabytes} GB, Linux ${release()}, Node ${process.versions.node}`
}

/** The whole result as Markdown, which is readable in a terminal too. */
export function toMarkdown(reports: readonly BenchReport[], date: Date): string {
  const heading = ['bench', 'figure', 'measured', 'baseline', 'ratio', 'target', 'reached']
  const rows = reports.flatMap(({ bench, figures }) => figures.map((figure) => row(bench.name, figure)))
  const widths = heading.map((text, column) => Math.max(text.length, ...rows.map((cells) => cells[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  const caveats = reports.map(({ bench }) => `- **${bench.name}** (${bench.title}) does not prove ${bench.doesNotProve}.`)
  return [`${date.toISOString().slice(0, 10)}, ${machine()}.`, '', line(heading), rule, ...rows.map(line), '', ...caveats].join('\n')
}

/** The same for programs. */
export function toJson(reports: readonly BenchReport[], date: Date): string {
  const figures = reports.flatMap(({ bench, figures: found }) =>
    found.map((figure) => ({ bench: bench.name, ...figure, reached: isReached(figure) ?? null })),
  )
  return JSON.stringify({ date: date.toISOString(), machine: machine(), figures })
}

function row(name: string, figure: Figure): string[] {
  const { what, measured, unit, baseline, ratio, target } = figure
  const reached = isReached(figure)
  return [
    name,
    what,
    `${number(measured)} ${unit}`,
    baseline === undefined ? '' : `${number(baseline)} ${unit}`,
    ratio === undefined ? '' : ratio.toFixed(2),
    target ? targetText(target, unit) : '',
    reached === undefined ? '' : reached ? 'yes' : '**no**',
  ]
}

function targetText({ of, bound, value }: Target, unit: string): string {
  return `${of === 'ratio' ? 'ratio ' : ''}${bound} ${number(value)}${of === 'ratio' ? '' : ` ${unit}`}`
}

function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en')
  return value >= 100 ? value.toFixed(0) : Number(value.toFixed(2)).toString()
}
