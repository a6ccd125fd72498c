import { inSeconds, type Output, type Reporter, timed, verdictLines } from './reporter.ts'
import { renderTable } from './table.ts'

const REDRAW_EVERY_MS = 200
const SPINNER = ['|', '/', '-', '\\']
const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const CLEAR_DOWN = '\x1b[0J'

interface RunningStep {
  readonly title: string
  readonly since: number
  detail: string
}

/**
 * For people at a terminal: finished steps stay above, and below them a few lines are redrawn: the current steps, later the
 * table. Lines are cut to the width, because a wrapped line would break the redrawing.
 */
export function createTerminalReporter({ output }: { output: Output }): Reporter {
  const steps = new Set<RunningStep>()
  let table: string[] = []
  let drawn = 0
  let turn = 0

  const live = () => [...[...steps].map((step) => stepLine(step, SPINNER[turn % SPINNER.length] ?? '')), ...table]
  const draw = (lasting: readonly string[] = []) => {
    const width = Math.max(20, (output.columns ?? 80) - 1)
    const lines = live().map((text) => text.slice(0, width))
    const up = drawn > 0 ? `\x1b[${drawn}A\r` : ''
    output.write(`${up}${CLEAR_DOWN}${[...lasting, ...lines].map((text) => `${text}\n`).join('')}`)
    drawn = lines.length
  }
  const timer = setInterval(() => {
    turn++
    if (steps.size > 0) draw()
  }, REDRAW_EVERY_MS)
  output.write(HIDE_CURSOR)

  return {
    step: (title, work) => {
      const step: RunningStep = { title, since: performance.now(), detail: '' }
      steps.add(step)
      draw()
      return timed(
        () =>
          work((detail) => {
            step.detail = detail
          }),
        (ms, error) => {
          steps.delete(step)
          draw([`  ${error === undefined ? '\x1b[32m✓\x1b[0m' : '\x1b[31m✗\x1b[0m'} ${title}  \x1b[2m${inSeconds(ms)}\x1b[0m`])
        },
      )
    },
    say: (_about, lines) => draw(lines),
    progress: (snapshot) => {
      table = ['', ...renderTable(snapshot, { isFinal: false })]
      draw()
    },
    verdict: (verdict) => {
      table = []
      draw([...(verdict.snapshot ? ['', ...renderTable(verdict.snapshot, { isFinal: true }), ''] : []), ...verdictLines(verdict)])
    },
    end: () => {
      clearInterval(timer)
      output.write(SHOW_CURSOR)
    },
  }
}

function stepLine({ title, since, detail }: RunningStep, spinner: string): string {
  return `  ${spinner} ${title}  ${inSeconds(performance.now() - since)}${detail === '' ? '' : `  ${detail}`}`
}
