import type { Command } from 'commander'
import type { SettingsReading } from '../config/reading/read-settings.ts'
import { SYSTEM_CLOCK } from '../lifecycle/clock.ts'
import { createMetricsRegistry } from '../telemetry/metrics-registry.ts'
import type { CliContext } from './context.ts'
import { runService, type ServiceDeps } from './run-service.ts'
import { showSettingFlags } from './setting-flags.ts'
import { packageVersion } from './version.ts'

/** `gossip-bridge serve`: the bridge itself, until a signal or a fatal error ends it. */
export function addServeCommand(program: Command, context: CliContext): void {
  const command = program
    .command('serve')
    .description('Run the bridge')
    .action((_options: unknown, typed: Command) => runService(typed, context, { check, start }))
  showSettingFlags(command, program)
}

/** Before anything is started: the binary of the browsers' server does not load everywhere. */
async function check({ settings }: SettingsReading): Promise<void> {
  if (settings.roles.includes('edge')) await (await import('../app/import-browsers.ts')).importBrowsers()
}

async function start({ settings }: SettingsReading, { log, shutdown, health, nodeVersion, current, onReload }: ServiceDeps): Promise<void> {
  const startedAt = SYSTEM_CLOCK.steady()
  const version = packageVersion()
  log.info({ version, node: nodeVersion, roles: settings.roles, network: settings.network }, 'starting')
  const registry = createMetricsRegistry({
    version,
    nodeVersion,
    bridgeId: settings.bridge_id,
    instanceId: settings.instance_id,
    network: settings.network,
  })
  const whole = health.part('process')
  // Imported only here: the clients of Kafka and libp2p take most of a second to load, and `--help` should not wait for them.
  const { createApp } = await import('../app.ts')
  const { signal } = shutdown
  const app = await createApp(settings, {
    log,
    registry,
    health,
    version,
    current,
    onReload,
    signal,
    fatal: (error) => shutdown.fatal(error),
    onWaiting: (part) => whole.notReady(`starting: waits for ${part}`),
  })
  shutdown.stops.add('bridge', () => app.stop())
  if (!shutdown.signal.aborted) whole.ready()
  log.info({ ms: Math.round(SYSTEM_CLOCK.steady() - startedAt) }, 'started')
}
