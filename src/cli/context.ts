import type { Command } from 'commander'
import type { Logger } from 'pino'
import type { SettingsReading } from '../config/reading/read-settings.ts'
import type { Settings } from '../config/settings.ts'

/** The process as the commands see it: main.ts creates the real one, tests create their own. */
export interface ProcessPort {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly stdout: TextOutput
  readonly stderr: TextOutput
  readonly nodeVersion: string
  readFile(path: string): string
  /** All of standard input, to its end. */
  readInput(): string
  /** Calls the handler for each SIGINT, SIGTERM and SIGUSR2; returns the undo. Without a handler the process dies of them, as usual. */
  onSignal(handler: (signal: 'SIGINT' | 'SIGTERM' | 'SIGUSR2') => void): () => void
  /** Calls the handler for what nobody caught; returns the undo. */
  onCrash(handler: (error: Error) => void): () => void
  /** Calls the handler for each warning of Node.js and of libraries; returns the undo. Without a handler they are printed as plain text. */
  onWarning(handler: (warning: Error) => void): () => void
  /** Calls the handler when nobody reads standard output any more; returns the undo. Without a handler the process ends at once. */
  onOutputGone(handler: (error: Error) => void): () => void
  /** Calls the handler with the kinds of what still keeps the process alive a second after its end; returns the undo. */
  onLeftovers(handler: (kinds: readonly string[]) => void): () => void
  /** Ends the process now. */
  exit(code: number): void
}

export interface TextOutput {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** What every command gets. */
export interface CliContext {
  readonly host: ProcessPort
  /** The settings in effect for this command, from flags, environment and file. Throws SettingsError. */
  settings(command: Command): Settings
  /** The same, with where each came from. */
  readSettings(command: Command): SettingsReading
  /** A line of the command's result, on standard output. */
  print(line: string): void
  /** A line for the person who typed the command, on standard error. */
  tell(line: string): void
  /** A logger to standard error for the parts that a command uses: warnings and worse, or what --log-level says. */
  log(settings: Settings): Logger
  /** The exit code once the command has ended; 0 unless set. */
  setExitCode(code: number): void
}

/** Something that the person who typed the command can mend: shown as one sentence, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code = 'BRIDGE_COMMAND'
}
