import type { FaultReport } from './run-fault.ts'

const HEADINGS = [
  'fault',
  'sent',
  'unheard',
  'log',
  'derived',
  'missing',
  'copies',
  'derived ×2',
  'browser ×2',
  'own',
  'own missing',
  'own ×2',
  'log pause',
  'browser pause',
  'derived pause',
  'recovered',
  'RSS',
  'bar',
]

/** The runs as a table in Markdown. */
export function renderReports(reports: readonly FaultReport[]): string {
  const rows = reports.map(rowOf)
  const widths = HEADINGS.map((heading, column) => Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: readonly string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  const failures = reports.flatMap(({ fault, failures }) => failures.map((failure) => `- ${fault}: ${failure}`))
  return [line(HEADINGS), rule, ...rows.map(line), ...(failures.length > 0 ? ['', ...failures] : [])].join('\n')
}

function rowOf({ fault, figures, failures, residentMegabytes }: FaultReport): string[] {
  const missing = [figures.missingInLog, figures.missingInDerived, figures.missingAtClients].join(' / ')
  const repeats =
    figures.clientRepeatsResumed > 0 ? `${figures.clientRepeats} (+${figures.clientRepeatsResumed})` : `${figures.clientRepeats}`
  const counts = [figures.sent, figures.unheard, figures.inLog, figures.inDerived].map(String)
  const own = [`${figures.ownSent}`, `${figures.ownMissingInLog} / ${figures.ownMissingAtPeer}`, `${figures.ownRepeatsAtPeer}`]
  const times = [figures.logPauseMs, figures.clientPauseMs, figures.derivedPauseMs, figures.recoveryMs].map(seconds)
  const verdict = failures.length === 0 ? 'met' : 'NOT MET'
  return [
    fault,
    ...counts,
    missing,
    `${figures.copies}`,
    `${figures.derivedRepeats}`,
    repeats,
    ...own,
    ...times,
    `${residentMegabytes.toFixed(0)} MB`,
    verdict,
  ]
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
