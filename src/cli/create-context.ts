import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { secretValues } from '../config/printing/effective.ts'
import { readSettings, type SettingsReading } from '../config/reading/read-settings.ts'
import type { SettingSources } from '../config/reading/sources.ts'
import { createLogger } from '../telemetry/logger.ts'
import { type CliContext, CommandError, type ProcessPort } from './context.ts'
import { type TypedFiles, typedSettings } from './setting-flags.ts'

/** The context of one run of the program, with the exit code that its command has set. */
export function createContext(host: ProcessPort): CliContext & { exitCode(): number } {
  let exitCode = 0
  let secrets: string[] = []
  const read = (command: Command, otherFile?: string): SettingsReading => {
    const reading = readCommandSettings(command, host, otherFile)
    secrets = secretValues(reading)
    return reading
  }
  return {
    host,
    readSettings: read,
    settings: (command) => read(command).settings,
    print: (line) => host.stdout.write(`${line}\n`),
    tell: (line) => host.stderr.write(`${line}\n`),
    log: ({ log_level, log_format }) => {
      const level = log_level === 'info' ? 'warn' : log_level // `info` is the default, which is meant for the service
      return createLogger({ level, format: log_format, isTerminal: host.stderr.isTTY === true, secrets }, { output: host.stderr }).log
    },
    setExitCode: (code) => {
      exitCode = code
    },
    exitCode: () => exitCode,
  }
}

function readCommandSettings(command: Command, host: ProcessPort, otherFile?: string): SettingsReading {
  const { file: typedPath, flags, ...typed } = typedSettings(command)
  const path = otherFile ?? typedPath ?? (host.environment.GOSSIP_BRIDGE_CONFIG || undefined)
  const origin = otherFile !== undefined ? undefined : typedPath !== undefined ? '--config' : 'GOSSIP_BRIDGE_CONFIG'
  const file = path === undefined ? {} : { file: { path, text: readNamedFile(path, origin, host) } }
  return readSettings(
    { flags, environment: host.environment, ...file, ...teranodeFiles(typed, host) },
    { readFile: host.readFile, generateId: () => randomBytes(6).toString('hex') },
  )
}

/** Teranode's own default context is `dev`. */
const TERANODE_CONTEXT = 'dev'

function teranodeFiles({ teranode, context }: Omit<TypedFiles, 'file'>, host: ProcessPort): Pick<SettingSources, 'teranode'> {
  const paths = (teranode ?? host.environment.TERANODE_SETTINGS ?? '').split(',').map((path) => path.trim())
  const origin = teranode === undefined ? 'TERANODE_SETTINGS' : '--teranode-settings'
  const files = paths.filter((path) => path !== '').map((path) => ({ path, text: readNamedFile(path, origin, host) }))
  if (files.length === 0) return {}
  const { SETTINGS_CONTEXT, SETTINGS_APPLICATION } = host.environment
  return { teranode: { files, context: context ?? (SETTINGS_CONTEXT || TERANODE_CONTEXT), application: SETTINGS_APPLICATION } }
}

/** `origin` is the flag or variable that names the file; undefined for an argument of the command itself. */
function readNamedFile(path: string, origin: string | undefined, host: ProcessPort): string {
  try {
    return host.readFile(path)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const advice = origin === undefined ? 'Name one that exists.' : `Name one that exists with ${origin}.`
    throw new CommandError(`The settings file ${JSON.stringify(path)} cannot be read (${reason}). ${advice}`, { cause })
  }
}
