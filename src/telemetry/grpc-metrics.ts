import { Counter, type Registry } from 'prom-client'

/** Metrics of the gRPC peer service. */
export function createGrpcMetrics(registry: Registry) {
  const registers = [registry]
  return {
    calls: new Counter({
      name: 'bridge_grpc_calls_total',
      help: 'Calls of the gRPC peer service, by method and status of the answer',
      labelNames: ['method', 'status'] as const,
      registers,
    }),
    refused: new Counter({
      name: 'bridge_grpc_refused_total',
      help: 'Changes by gRPC that were refused for their key: not-set, missing, wrong, too-often',
      labelNames: ['reason'] as const,
      registers,
    }),
    reportsLost: new Counter({
      name: 'bridge_reputation_reports_lost_total',
      help: 'Reports about peers that were not kept, because too many waited for Postgres',
      registers,
    }),
  }
}

export type GrpcMetrics = ReturnType<typeof createGrpcMetrics>
