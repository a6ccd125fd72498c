import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import { countAnswers } from '../../admin/admin-api.ts'
import { createKeyGate } from '../../admin/create-key-gate.ts'
import { createDashboardDoor } from '../../admin/dashboard-door.ts'
import type { KeyGate } from '../../admin/key-gate.ts'
import type { DashboardDoor } from '../../admin/ports.ts'
import { StatusBoard } from '../../admin/status/status-board.ts'
import type { Settings } from '../../config/settings.ts'
import type { EventLogView } from '../../events/event-log-view.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import type { Health } from '../../lifecycle/health.ts'
import type { Stops } from '../../lifecycle/stops.ts'
import { type AdminMetrics, createAdminMetrics } from '../../telemetry/admin-metrics.ts'
import { kafkaFigures } from '../../telemetry/kafka-figures.ts'
import type { KafkaMetrics } from '../../telemetry/kafka-metrics.ts'
import type { WireFormats } from '../wire-formats.ts'

export interface AdminDeskDeps {
  readonly version: string
  readonly formats: WireFormats
  readonly view: Pick<EventLogView, 'instances'>
  readonly kafkaMetrics: KafkaMetrics
  readonly log: Logger
  readonly health: Health
  readonly registry: Registry
  readonly stops: Stops
}

/** What all doors of operators share: the status, the key, the metrics. It is there before the parts of which it tells. */
export interface AdminDesk {
  readonly board: StatusBoard
  readonly gate: KeyGate
  readonly metrics: AdminMetrics
  readonly door: DashboardDoor
}

export function createAdminDesk(settings: Settings, deps: AdminDeskDeps): AdminDesk {
  const { version, formats, view, kafkaMetrics, log, health, registry, stops } = deps
  const { bridge_id: bridgeId, instance_id: instanceId, network, roles } = settings
  const metrics = createAdminMetrics(registry)
  const { gate, stop } = createKeyGate({ key: settings.admin_api_key }, { log, metrics, clock: SYSTEM_CLOCK })
  const board = new StatusBoard({ version, bridgeId, instanceId, network, roles }, { health, clock: SYSTEM_CLOCK })
  board.provide({ instances: () => view.instances(), kafka: () => kafkaFigures(kafkaMetrics, formats.topics.events) })
  const stopped = new AbortController()
  stops.add('admin desk', async () => {
    stopped.abort(new Error('the bridge stops'))
    stop()
  })
  const door = createDashboardDoor(
    { show: settings.dashboard_status, mayChange: settings.dashboard_admin },
    { board, gate, log, onAnswer: countAnswers(metrics), signal: stopped.signal },
  )
  return { board, gate, metrics, door }
}
