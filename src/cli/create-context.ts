import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { secretValues } from '../config/effective.ts'
import { readSettings, type SettingsReading } from '../config/read-settings.ts'
import { createLogger } from '../telemetry/logger.ts'
import { type CliContext, CommandError, type ProcessPort } from './context.ts'
import { typedSettings } from './setting-flags.ts'

/** The context of one run of the program, with the exit code that its command has set. */
export function createContext(process: ProcessPort): CliContext & { exitCode(): number } {
  let exitCode = 0
  let secrets: string[] = []
  const read = (command: Command): SettingsReading => {
    const reading = readCommandSettings(command, process)
    secrets = secretValues(reading)
    return reading
  }
  return {
    process,
    readSettings: read,
    settings: (command) => read(command).settings,
    print: (line) => process.stdout.write(`${line}\n`),
    tell: (line) => process.stderr.write(`${line}\n`),
    log: ({ log_level, log_format }) => {
      const level = log_level === 'info' ? 'warn' : log_level // `info` is the default, which is meant for the service
      return createLogger({ level, format: log_format, isTerminal: process.stderr.isTTY === true, secrets }, { output: process.stderr }).log
    },
    setExitCode: (code) => {
      exitCode = code
    },
    exitCode: () => exitCode,
  }
}

function readCommandSettings(command: Command, process: ProcessPort): SettingsReading {
  const { file: typedPath, flags } = typedSettings(command)
  const path = typedPath ?? (process.environment.GOSSIP_BRIDGE_CONFIG || undefined)
  const file = path === undefined ? {} : { file: { path, text: readConfigFile(path, process) } }
  return readSettings(
    { flags, environment: process.environment, ...file },
    { readFile: process.readFile, generateId: () => randomBytes(6).toString('hex') },
  )
}

function readConfigFile(path: string, process: ProcessPort): string {
  try {
    return process.readFile(path)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new CommandError(`The settings file ${JSON.stringify(path)} cannot be read (${reason}). Name one that exists with --config.`, {
      cause,
    })
  }
}
