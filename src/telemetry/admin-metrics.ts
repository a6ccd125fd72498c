import { Counter, type Registry } from 'prom-client'

/** Metrics of the HTTP admin API. */
export function createAdminMetrics(registry: Registry) {
  const registers = [registry]
  return {
    requests: new Counter({
      name: 'bridge_admin_requests_total',
      help: 'Requests to the HTTP admin API, and changes from the dashboard, by operation and status of the answer; operation "none" where nothing was found or let through',
      labelNames: ['operation', 'status'] as const,
      registers,
    }),
    refused: new Counter({
      name: 'bridge_admin_refused_total',
      help: 'Changes by HTTP that were refused for their key: not-set, missing, wrong, too-often',
      labelNames: ['reason'] as const,
      registers,
    }),
  }
}

export type AdminMetrics = ReturnType<typeof createAdminMetrics>
