import { type Output, onlyNew, type Reporter, timed } from './reporter.ts'

const PROGRESS_EVERY_MS = 1000

/** For programs: one JSON object per line, each with `event`. The last one is the verdict. */
export function createJsonReporter({ output }: { output: Output }): Reporter {
  let shownAtMs = Number.NEGATIVE_INFINITY
  const tell = (event: string, facts: object) => output.write(`${JSON.stringify({ event, ...facts })}\n`)
  return {
    step: (title, work) =>
      timed(
        () => work(onlyNew((detail) => tell('detail', { step: title, detail }))),
        (ms, error) => tell('step', { step: title, ms: Math.round(ms), ...(error === undefined ? {} : { error: `${error}` }) }),
      ),
    say: (about, lines, facts) => tell(about, facts ?? { lines }),
    progress: (snapshot) => {
      if (snapshot.elapsedMs < shownAtMs + PROGRESS_EVERY_MS) return
      shownAtMs = snapshot.elapsedMs
      tell('progress', snapshot)
    },
    verdict: ({ ok, faults, snapshot }) => tell('verdict', { ok, faults, ...snapshot }),
    end: () => {},
  }
}
