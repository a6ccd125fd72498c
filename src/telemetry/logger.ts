import { type Logger, pino } from 'pino'
import { prettyFactory } from 'pino-pretty'

export interface LoggerOptions {
  readonly level: string
  readonly format: 'auto' | 'json' | 'pretty'
  /** Where `auto` is pretty. */
  readonly isTerminal: boolean
  /** Stands in every line, for example the instance. */
  readonly fields?: Record<string, string>
  /** Values that must not appear in any line, wherever they come from. */
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
  /** info, debug, trace, and again; from any other level to info. Returns the new one. */
  cycleLevel(): string
}

const CYCLE = ['info', 'debug', 'trace']
/** A shorter secret would blot out ordinary words. */
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
      // pino's default glues the causes to the message, which is to stay the one sentence that it was written as.
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

/** Formats each line where it is written rather than through pino-pretty's own stream, which would end the terminal with itself. */
function prettyStream(isTerminal: boolean, output: LoggerDeps['output']): LoggerDeps['output'] {
  const pretty = prettyFactory({ colorize: isTerminal, translateTime: 'SYS:HH:MM:ss.l', ignore: 'pid,hostname' })
  return { write: (line) => output.write(pretty(line)) }
}

function prune(children: Set<WeakRef<Logger>>): number {
  for (const child of children) if (!child.deref()) children.delete(child)
  return Math.max(64, children.size)
}

/** Works on the finished line, so that a secret inside of an error message or a connection string is found too. */
function scrubber(secrets: readonly string[]): (line: string) => string {
  const found = secrets.filter((secret) => secret.length >= SHORTEST_SECRET).map((secret) => JSON.stringify(secret).slice(1, -1))
  return (line) => found.reduce((text, secret) => text.replaceAll(secret, '[secret]'), line)
}
