import type { Command } from 'commander'
import { laterSentence, secretValues } from '../config/printing/effective.ts'
import type { SettingsReading } from '../config/reading/read-settings.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import { Health } from '../lifecycle/health.ts'
import { Shutdown } from '../lifecycle/shutdown.ts'
import { createLogger, type LeveledLogger } from '../telemetry/logger.ts'
import { createMetricsRegistry } from '../telemetry/metrics-registry.ts'
import type { CliContext, ProcessPort } from './context.ts'
import { packageVersion } from './version.ts'

/** `gossip-bridge serve`: the bridge itself, until a signal or a fatal error ends it. */
export function addServeCommand(program: Command, context: CliContext): void {
  program
    .command('serve')
    .description('Run the bridge')
    .configureHelp({ showGlobalOptions: true })
    .action(async (_options: unknown, command: Command) => {
      context.setExitCode(await serve(context.readSettings(command), context.host))
    })
}

/** Resolves with the exit code. The handlers of signals and crashes stay until the process has ended. */
async function serve(reading: SettingsReading, host: ProcessPort): Promise<number> {
  const { settings } = reading
  const logger = createServiceLogger(reading, host)
  const { log } = logger
  const shutdown = new Shutdown({ deadlineMs: settings.shutdown_deadline }, { log, exit: host.exit })
  host.onSignal((signal) => {
    if (signal !== 'SIGUSR2') shutdown.request(signal)
    else log.warn({ to: logger.cycleLevel() }, 'log level changed')
  })
  host.onCrash((error) => shutdown.fatal(error))

  const later = laterSentence(reading)
  if (later !== undefined) log.warn(later)
  return shutdown.run(() => start(reading, { log, shutdown, nodeVersion: host.nodeVersion }))
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
  const health = new Health({
    onChange: ({ part, ready, reason }) => {
      if (ready) log.info({ part, reason }, 'part is ready')
      else log[shutdown.signal.aborted ? 'debug' : 'warn']({ part, reason }, 'part is not ready')
    },
  })
  const registry = createMetricsRegistry({
    version,
    nodeVersion,
    bridgeId: settings.bridge_id,
    instanceId: settings.instance_id,
    network: settings.network,
  })
  const whole = health.part('process')
  shutdown.signal.addEventListener('abort', () => whole.notReady('stopping'), { once: true })
  // Imported only here: the clients of Kafka and libp2p take most of a second to load, which `--help` need not wait for.
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

function createServiceLogger(reading: SettingsReading, host: ProcessPort): LeveledLogger {
  const { log_level, log_format, bridge_id, instance_id } = reading.settings
  return createLogger(
    {
      level: log_level,
      format: log_format,
      isTerminal: host.stdout.isTTY === true,
      fields: { bridge: bridge_id, instance: instance_id },
      secrets: secretValues(reading),
    },
    { output: host.stdout },
  )
}
