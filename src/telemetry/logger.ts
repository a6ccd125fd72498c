import { type Logger, pino } from 'pino'
import { prettyFactory } from 'pino-pretty'

export interface LoggerOptions {
  readonly level: string
  readonly format: 'auto' | 'json' | 'pretty'
  /** If true, `auto` is pretty. */
  readonly isTerminal: boolean
  /** Added to every line, for example the instance. */
  readonly fields?: Record<string, string>
  /** Values that must not appear in any line. */
  readonly secrets?: readonly string[]
}

export interface LoggerDeps {
  readonly output: { write(text: string): unknown }
}

/** The root logger with its level. Children follow a change of the level, unlike pino's own, which keep theirs. */
export interface LeveledLogger {
  readonly log: Logger
  level(): string
  setLevel(level: string): void
  /** Cycles through info, debug and trace. Any other level changes to info. Returns the new level. */
  cycleLevel(): string
}

const CYCLE = ['info', 'debug', 'trace']
/** Replacing shorter secrets would also replace parts of ordinary words. */
const SHORTEST_SECRET = 4

/** JSON lines, or pretty ones for a person at a terminal. */
export function createLogger(options: LoggerOptions, { output }: LoggerDeps): LeveledLogger {
  const children = new Set<WeakRef<Logger>>()
  let prunedSize = 64
  const isPretty = options.format === 'pretty' || (options.format === 'auto' && options.isTerminal)
  const log = pino(
    {
      level: options.level,
      base: options.fields ?? null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // pino's default appends the causes to the message, which should stay one sentence.
      serializers: { err: pino.stdSerializers.errWithCause },
      hooks: { streamWrite: scrubber(options.secrets ?? []) },
      onChild: (child) => {
        children.add(new WeakRef(child))
        if (children.size > prunedSize * 2) prunedSize = prune(children)
      },
    },
    isPretty ? prettyStream(options.isTerminal, output) : output,
  )
  const setLevel = (level: string) => {
    log.level = level
    for (const child of children) {
      const logger = child.deref()
      if (logger) logger.level = level
    }
  }
  const cycleLevel = () => {
    const next = CYCLE[(CYCLE.indexOf(log.level) + 1) % CYCLE.length] ?? 'info'
    setLevel(next)
    return next
  }
  return { log, level: () => log.level, setLevel, cycleLevel }
}

/** Formats each line at the output, because pino-pretty's own stream closes the terminal when it ends. */
function prettyStream(isTerminal: boolean, output: LoggerDeps['output']): LoggerDeps['output'] {
  const pretty = prettyFactory({ colorize: isTerminal, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
  return { write: (line) => output.write(pretty(line)) }
}

function prune(children: Set<WeakRef<Logger>>): number {
  for (const child of children) if (!child.deref()) children.delete(child)
  return Math.max(64, children.size)
}

/** Works on the finished line, so it also finds a secret inside an error message or a connection string. */
function scrubber(secrets: readonly string[]): (line: string) => string {
  const found = secrets.filter((secret) => secret.length >= SHORTEST_SECRET).map((secret) => JSON.stringify(secret).slice(1, -1))
  return (line) => found.reduce((text, secret) => text.replaceAll(secret, '[secret]'), line)
}
