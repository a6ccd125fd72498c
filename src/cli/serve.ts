import type { Command } from 'commander'
import { laterSentence, remarkSentences, secretValues } from '../config/printing/effective.ts'
import type { SettingsReading } from '../config/reading/read-settings.ts'
import { SettingsError } from '../config/settings-error.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import { Health, type PartReport } from '../lifecycle/health.ts'
import { HealthLog } from '../lifecycle/health-log.ts'
import { Shutdown } from '../lifecycle/shutdown.ts'
import { createLogger, type LeveledLogger } from '../telemetry/logger.ts'
import { createMetricsRegistry } from '../telemetry/metrics-registry.ts'
import { type CliContext, CommandError, type ProcessPort, type TextOutput } from './context.ts'
import { showSettingFlags, typedSettings } from './setting-flags.ts'
import { packageVersion } from './version.ts'

/** `gossip-bridge serve`: the bridge itself, until a signal or a fatal error ends it. */
export function addServeCommand(program: Command, context: CliContext): void {
  const command = program
    .command('serve')
    .description('Run the bridge')
    .action(async (_options: unknown, typed: Command) => {
      try {
        const reading = context.readSettings(typed)
        // Before anything is started: its binary does not load everywhere.
        if (reading.settings.roles.includes('edge')) await (await import('../app/import-browsers.ts')).importBrowsers()
        context.setExitCode(await serve(reading, context.host))
      } catch (error) {
        if (!isLoggedAsJson(typed, context.host)) throw error
        context.setExitCode(logUnusable(error, context.host))
      }
    })
  showSettingFlags(command, program)
}

/** Resolves with the exit code. The handlers of signals, crashes and warnings stay until the process has ended. */
async function serve(reading: SettingsReading, host: ProcessPort): Promise<number> {
  const { settings } = reading
  const output = outputOf(host)
  const logger = createServiceLogger(reading, { isTerminal: host.stdout.isTTY === true, output })
  const { log } = logger
  const shutdown = new Shutdown({ deadlineMs: settings.shutdown_deadline }, { clock: SYSTEM_CLOCK, log, exit: host.exit })
  host.onSignal((signal) => {
    if (signal !== 'SIGUSR2') shutdown.request(signal)
    else log.warn({ to: logger.cycleLevel() }, 'log level changed')
  })
  host.onCrash((error) => shutdown.fatal(error))
  host.onWarning((warning) => log.warn({ err: warning }, 'Node.js warns'))
  host.onLeftovers((kinds) => log.warn({ kinds }, 'still open after the end'))
  host.onOutputGone((cause) => {
    if (output.isGone()) return
    output.gone()
    if (!shutdown.signal.aborted) shutdown.fatal(new Error('nobody reads the log any more: standard output is closed', { cause }))
  })

  const later = laterSentence(reading)
  if (later !== undefined) log.warn(later)
  for (const sentence of remarkSentences(reading)) log.warn(sentence)
  return shutdown.run(() => start(reading, { log, shutdown, nodeVersion: host.nodeVersion }))
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

interface StartDeps {
  readonly log: LeveledLogger['log']
  readonly shutdown: Shutdown
  readonly nodeVersion: string
}

async function start({ settings }: SettingsReading, { log, shutdown, nodeVersion }: StartDeps): Promise<void> {
  const startedAt = SYSTEM_CLOCK.steady()
  const version = packageVersion()
  log.info({ version, node: nodeVersion, roles: settings.roles, network: settings.network }, 'starting')
  const say = ({ part, ready, reason }: PartReport) => {
    if (ready) log.info({ part, reason }, 'part is ready')
    else log[shutdown.signal.aborted ? 'debug' : 'warn']({ part, reason }, 'part is not ready')
  }
  const healthLog = new HealthLog({}, { say })
  const health = new Health({ clock: SYSTEM_CLOCK, onChange: (report) => healthLog.changed(report) })
  shutdown.signal.addEventListener('abort', () => healthLog.stop(), { once: true })
  const registry = createMetricsRegistry({
    version,
    nodeVersion,
    bridgeId: settings.bridge_id,
    instanceId: settings.instance_id,
    network: settings.network,
  })
  const whole = health.part('process')
  shutdown.signal.addEventListener('abort', () => whole.notReady('stopping'), { once: true })
  // Imported only here: the clients of Kafka and libp2p take most of a second to load, and `--help` should not wait for them.
  const { createApp } = await import('../app.ts')
  const { signal } = shutdown
  const app = await createApp(settings, {
    log,
    registry,
    health,
    version,
    signal,
    fatal: (error) => shutdown.fatal(error),
    onWaiting: (part) => whole.notReady(`starting: waits for ${part}`),
  })
  shutdown.stops.add('bridge', () => app.stop())
  if (!shutdown.signal.aborted) whole.ready()
  log.info({ ms: Math.round(SYSTEM_CLOCK.steady() - startedAt) }, 'started')
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
