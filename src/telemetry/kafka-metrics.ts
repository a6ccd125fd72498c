import { Counter, Gauge, type Registry } from 'prom-client'
import { createTracedHistogram } from './exemplars/traced-histogram.ts'

export type KafkaMetrics = ReturnType<typeof createKafkaMetrics>

const ACK_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60]

/** Metrics of the Kafka module. Topic and group names are labels: both come from the settings, never from strangers. */
export function createKafkaMetrics(registry: Registry) {
  const registers = [registry]
  const refreshers: (() => void)[] = []
  const counter = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Counter({ name, help, labelNames, registers })
  const gauge = <T extends string>(name: string, help: string, labelNames: readonly T[]) => new Gauge({ name, help, labelNames, registers })
  const lookedUp = <T extends string>(name: string, help: string, labelNames: readonly T[]) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect: () => {
        for (const refresh of refreshers) refresh()
      },
    })
  return {
    laneBatches: counter('bridge_lane_batches_total', 'Batches that a broker acknowledged', ['topic']),
    laneRecords: counter('bridge_lane_records_total', 'Records that a broker acknowledged', ['topic']),
    laneRetries: counter('bridge_lane_retries_total', 'Sends of a batch that failed and were tried again', ['topic']),
    laneRefused: counter('bridge_lane_refused_total', 'Records that Kafka refused for good', ['topic']),
    laneFull: counter('bridge_lane_full_total', 'Records turned away since the queue was full', ['topic']),
    laneQueueRecords: lookedUp('bridge_lane_queue_records', 'Records waiting for an acknowledgement', ['producer']),
    laneQueueBytes: lookedUp('bridge_lane_queue_bytes', 'Bytes waiting for an acknowledgement', ['producer']),
    laneThrottledSeconds: counter('bridge_lane_throttled_seconds_total', 'Pauses that a producer quota of Kafka has asked for', ['topic']),
    clockAhead: lookedUp('bridge_clock_ahead_seconds', "How far this host's clock is ahead of the brokers' (below 0: behind)", [
      'producer',
    ]),
    laneAck: createTracedHistogram({
      name: 'bridge_lane_ack_seconds',
      help: 'Time from taking a batch to its acknowledgement',
      labelNames: ['topic'] as const,
      buckets: ACK_BUCKETS,
      registers,
    }),
    groupRecords: counter('bridge_group_records_total', 'Records that a consumer group is done with, by outcome', [
      'group',
      'topic',
      'outcome',
    ]),
    groupRetries: counter('bridge_group_retries_total', 'Records tried again after something outside was away', ['group', 'topic']),
    groupLag: lookedUp('bridge_group_lag_records', 'Records between the committed offset and the end of the partition', [
      'group',
      'topic',
      'partition',
    ]),
    groupLostOffsets: counter('bridge_group_lost_offsets_total', 'Offsets that were deleted before a consumer group had read them', [
      'group',
      'topic',
      'partition',
    ]),
    groupMoves: counter('bridge_group_moves_total', 'Times a consumer group could not go on at its offset, by reason', [
      'group',
      'topic',
      'reason',
    ]),
    /** Refreshes lags and queues at each scrape: lags grow while no event would set them, and queues change with each record. */
    onScrape: (refresh: () => void) => {
      refreshers.push(refresh)
    },
    groupJoins: counter('bridge_group_joins_total', 'Times this member joined its group anew', ['group']),
    groupForeignMembers: gauge('bridge_group_foreign_members', 'Members of an own group that are no instances of this bridge', ['group']),
    groupRebuilds: counter('bridge_group_rebuilds_total', 'Times the consumer was built anew after it ended or fell silent', ['group']),
    tailRecords: counter('bridge_tail_records_total', 'Records that a tail handed on', ['topic']),
    tailGaps: counter('bridge_tail_gaps_total', 'Times a tail could not go on at its offset', ['topic']),
    tailErrors: counter('bridge_tail_errors_total', 'Reads of a tail that failed and were tried again', ['topic']),
    tailUndecodable: counter('bridge_tail_undecodable_total', 'Records skipped since their batch cannot be decompressed', ['topic']),
    openTransaction: gauge('bridge_open_transaction_seconds', 'For how long an open transaction has held up the readers of a partition', [
      'group',
      'topic',
      'partition',
    ]),
    throttled: counter('bridge_read_throttled_seconds_total', 'Time for which quotas of the cluster held up reading', ['topic']),
    tailLag: gauge('bridge_tail_lag_records', 'Records between a tail and the end of its topic', ['topic']),
  }
}
