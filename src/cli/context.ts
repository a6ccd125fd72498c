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
  /** Calls the handler for each SIGINT, SIGTERM, SIGHUP and SIGUSR2. Returns the unsubscribe function. Without one they end the process. */
  onSignal(handler: (signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGUSR2') => void): () => void
  /** Calls the handler for uncaught exceptions and rejections. Returns the unsubscribe function. */
  onCrash(handler: (error: Error) => void): () => void
  /** Calls the handler for each warning of Node.js and libraries. Returns the unsubscribe function. Without one Node.js prints them. */
  onWarning(handler: (warning: Error) => void): () => void
  /** Calls the handler when standard output is closed. Returns the unsubscribe function. Without a handler the process ends at once. */
  onOutputGone(handler: (error: Error) => void): () => void
  /** Calls the handler with the kinds of resources that are still open a second after the end. Returns the unsubscribe function. */
  onLeftovers(handler: (kinds: readonly string[]) => void): () => void
  /** Ends the process now. */
  exit(code: number): void
}

export interface TextOutput {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** The context of every command. */
export interface CliContext {
  readonly host: ProcessPort
  /** The settings in effect for this command, from flags, environment and file. Throws SettingsError. */
  settings(command: Command): Settings
  /** The same, with the source of each setting; with another settings file in place of that of `--config`, if one is named. */
  readSettings(command: Command, otherFile?: string): SettingsReading
  /** A line of the command's result, on standard output. */
  print(line: string): void
  /** A line for the person who typed the command, on standard error. */
  tell(line: string): void
  /** A logger to standard error for the parts that a command uses: warnings and worse, or the level of --log-level. */
  log(settings: Settings): Logger
  /** Sets the exit code of the command. The default is 0. */
  setExitCode(code: number): void
}

/** An error that the user of the command can fix: shown as one sentence, without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly code = 'BRIDGE_COMMAND'
}
