import type { Command } from 'commander'
import type { SettingsReading } from '../../config/reading/read-settings.ts'
import { createMetricsRegistry } from '../../telemetry/metrics-registry.ts'
import type { CliContext } from '../context.ts'
import { runService, type ServiceDeps } from '../run-service.ts'
import { packageVersion } from '../version.ts'

/** `gossip-bridge adapt teranode`: writes what an unmodified node says of its chain into the in-topic of notifications. */
export function addAdaptCommand(program: Command, context: CliContext): void {
  program
    .command('adapt')
    .description('Write the in-topics for a node that does not write them itself')
    .command('teranode')
    .description(
      "Follow a Teranode's blockchain service, or its topic blocks-final: its blocks, subtrees and what it mines on, for the bridge",
    )
    .action((_options: unknown, command: Command) => runService(command, context, { start }))
}

async function start({ settings }: SettingsReading, { log, shutdown, health, nodeVersion }: ServiceDeps): Promise<void> {
  const { bridge_id: bridgeId, instance_id: instanceId, network, adapter_source: source } = settings
  const version = packageVersion()
  log.info({ version, node: nodeVersion, network, source }, 'starting')
  const registry = createMetricsRegistry({ version, nodeVersion, bridgeId, instanceId, network })
  // Imported only here: the clients of Kafka and gRPC take a while to load, and `--help` should not wait for them.
  const { startAdapter } = await import('../../app/adapter/start-adapter.ts')
  const { signal } = shutdown
  const whole = health.part('process')
  const onWaiting = (part: string) => whole.notReady(`starting: waits for ${part}`)
  const adapter = await startAdapter(settings, { log, registry, health, signal, onWaiting })
  shutdown.stops.add('adapter', () => adapter.stop())
  whole.ready()
  log.info('started')
}
