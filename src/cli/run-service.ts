import type { Command } from 'commander'
import { laterSentence, remarkSentences, secretValues } from '../config/printing/effective.ts'
import type { SettingsReading } from '../config/reading/read-settings.ts'
import { SettingsError } from '../config/settings-error.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import { Health, type PartReport } from '../lifecycle/health.ts'
import { HealthLog } from '../lifecycle/health-log.ts'
import { Shutdown } from '../lifecycle/shutdown.ts'
import { createLogger, type LeveledLogger } from '../telemetry/logger.ts'
import { type CliContext, CommandError, type ProcessPort, type TextOutput } from './context.ts'
import { createLiveSettings, type LiveSettings } from './reload.ts'
import { typedSettings } from './setting-flags.ts'

/** What a service gets from its process. */
export interface ServiceDeps {
  readonly log: LeveledLogger['log']
  readonly shutdown: Shutdown
  readonly health: Health
  readonly nodeVersion: string
  /** The settings in effect now: SIGHUP changes those that are marked so. */
  readonly current: LiveSettings['current']
  readonly onReload: LiveSettings['onReload']
}

export interface Service {
  /** Rejects with a sentence when this host cannot run the service with these settings. */
  readonly check?: (reading: SettingsReading) => Promise<void>
  /** Starts the service and returns. Rejects when it cannot start. */
  readonly start: (reading: SettingsReading, deps: ServiceDeps) => Promise<void>
}

/** Runs a service until a signal or a fatal error ends it, as the action of a command. Unusable settings are logged as JSON where the log is. */
export async function runService(command: Command, context: CliContext, { check, start }: Service): Promise<void> {
  try {
    const reading = context.readSettings(command)
    await check?.(reading)
    context.setExitCode(await serve(reading, { host: context.host, read: () => context.readSettings(command) }, start))
  } catch (error) {
    if (!isLoggedAsJson(command, context.host)) throw error
    context.setExitCode(logUnusable(error, context.host))
  }
}

interface ServeDeps {
  readonly host: ProcessPort
  readonly read: () => SettingsReading
}

/** Resolves with the exit code. The handlers of signals, crashes and warnings stay until the process has ended. */
async function serve(reading: SettingsReading, { host, read }: ServeDeps, start: Service['start']): Promise<number> {
  const { settings } = reading
  const output = outputOf(host)
  const logger = createServiceLogger(reading, { isTerminal: host.stdout.isTTY === true, output })
  const { log } = logger
  const shutdown = new Shutdown({ deadlineMs: settings.shutdown_deadline }, { clock: SYSTEM_CLOCK, log, exit: host.exit })
  const live = createLiveSettings(reading, { read, setLevel: logger.setLevel, log })
  host.onSignal((signal) => {
    if (signal === 'SIGHUP') live.reload()
    else if (signal !== 'SIGUSR2') shutdown.request(signal)
    else log.warn({ to: logger.cycleLevel() }, 'log level changed')
  })
  host.onCrash((error) => shutdown.fatal(error))
  host.onWarning((warning) => log.warn({ err: warning }, 'Node.js warns'))
  host.onLeftovers((kinds) => log.warn({ kinds }, 'still open after the end'))
  host.onOutputGone((cause) => {
    if (output.isGone()) return
    output.gone()
    if (!shutdown.signal.aborted) shutdown.fatal(new Error(outputGone(cause), { cause }))
  })

  const later = laterSentence(reading)
  if (later !== undefined) log.warn(later)
  for (const sentence of remarkSentences(reading)) log.warn(sentence)
  const { current, onReload } = live
  const deps = { log, shutdown, health: createHealth({ log, shutdown }), nodeVersion: host.nodeVersion, current, onReload }
  return shutdown.run(() => start(reading, deps))
}

/** Standard output, or standard error once standard output is closed, so that the last log lines are not lost. */
function outputOf({ stdout, stderr }: ProcessPort) {
  let current = stdout
  return {
    write: (text: string) => current.write(text),
    isGone: () => current === stderr,
    gone: () => {
      current = stderr
    },
  }
}

/** A best guess while the settings are unusable. */
function isLoggedAsJson(command: Command, { environment }: ProcessPort): boolean {
  return (typedSettings(command).flags.log_format ?? environment.LOG_FORMAT) === 'json'
}

/** Logs an error of a start that has no logger with the bridge's settings yet. Returns the exit code. */
function logUnusable(error: unknown, host: ProcessPort): number {
  const { log } = createLogger({ level: 'info', format: 'json', isTerminal: false }, { output: host.stdout })
  if (error instanceof SettingsError || error instanceof CommandError) log.fatal(error.message)
  else log.fatal({ err: error }, 'the bridge does not start')
  return error instanceof SettingsError ? error.exitCode : 1
}

/** Reports each change of a part in the log, and the process as not ready once it stops. */
function createHealth({ log, shutdown }: Pick<ServiceDeps, 'log' | 'shutdown'>): Health {
  const say = ({ part, ready, reason }: PartReport) => {
    if (ready) log.info({ part, reason }, 'part is ready')
    else log[shutdown.signal.aborted ? 'debug' : 'warn']({ part, reason }, 'part is not ready')
  }
  const healthLog = new HealthLog({}, { say })
  const health = new Health({ clock: SYSTEM_CLOCK, onChange: (report) => healthLog.changed(report) })
  shutdown.signal.addEventListener('abort', () => healthLog.stop(), { once: true })
  const whole = health.part('process')
  shutdown.signal.addEventListener('abort', () => whole.notReady('stopping'), { once: true })
  return health
}

function createServiceLogger(reading: SettingsReading, { isTerminal, output }: { isTerminal: boolean; output: TextOutput }): LeveledLogger {
  const { log_level, log_format, bridge_id, instance_id } = reading.settings
  return createLogger(
    {
      level: log_level,
      format: log_format,
      isTerminal,
      fields: { bridge: bridge_id, instance: instance_id },
      secrets: secretValues(reading),
    },
    { output },
  )
}

function outputGone(cause: Error): string {
  const isClosed = 'code' in cause && cause.code === 'EPIPE'
  return isClosed ? 'nobody reads the log any more: standard output is closed' : `the log cannot be written any more: ${cause.message}`
}
