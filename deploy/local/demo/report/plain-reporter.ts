import { inSeconds, type Output, onlyNew, type Reporter, timed, verdictLines } from './reporter.ts'
import { renderTable, type Snapshot } from './table.ts'

const PROGRESS_EVERY_MS = 5000

/** For logs and pipes: one line for each step, and one every five seconds for the run. */
export function createPlainReporter({ output }: { output: Output }): Reporter {
  let shownAtMs = 0
  const line = (text: string) => output.write(`${text}\n`)
  return {
    step: (title, work) =>
      timed(
        () => work(onlyNew((detail) => line(`  ${title}: ${detail}`))),
        (ms, error) => line(error === undefined ? `${title}: done in ${inSeconds(ms)}` : `${title}: failed after ${inSeconds(ms)}`),
      ),
    say: (_about, lines) => lines.forEach(line),
    progress: (snapshot) => {
      if (snapshot.elapsedMs < shownAtMs + PROGRESS_EVERY_MS) return
      shownAtMs = snapshot.elapsedMs
      line(oneLine(snapshot))
    },
    verdict: (verdict) => {
      if (verdict.snapshot) for (const text of renderTable(verdict.snapshot, { isFinal: true })) line(text)
      verdictLines(verdict).forEach(line)
    },
    end: () => {},
  }
}

function oneLine({ elapsedMs, produced, rows }: Snapshot): string {
  const counts = rows
    .filter(({ arrow }) => arrow === 'gossip')
    .map(({ to, count, p50, p99 }) => `event log of ${to}: ${count} by gossip (p50 ${p50 ?? '-'} ms, p99 ${p99 ?? '-'} ms)`)
  const waiting = rows.reduce((sum, { missing }) => sum + missing, 0)
  return `${(elapsedMs / 1000).toFixed(0)} s: ${produced} produced; ${counts.join('; ')}; ${waiting} arrivals on their way`
}
