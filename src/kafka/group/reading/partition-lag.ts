import type { KafkaMetrics } from '../../../telemetry/kafka-metrics.ts'

export interface PartitionLagOptions {
  readonly groupId: string
  readonly topic: string
  readonly partition: number
}

/** The lag of a group in one partition: from its committed offset to the partition's real end. */
export class PartitionLag {
  readonly #labels: { group: string; topic: string; partition: string }
  readonly #metrics: Pick<KafkaMetrics, 'groupLag'>
  #end: bigint | undefined
  #committed = 0n

  constructor({ groupId, topic, partition }: PartitionLagOptions, { metrics }: { metrics: Pick<KafkaMetrics, 'groupLag'> }) {
    this.#labels = { group: groupId, topic, partition: `${partition}` }
    this.#metrics = metrics
  }

  /** Every answer counts, empty ones too: the end moves even while an open transaction holds back all records. */
  reached(highWatermark: bigint): void {
    if (this.#end === highWatermark) return
    this.#end = highWatermark
    this.#show()
  }

  /** The committed offset of the group, or its start offset. */
  committed(next: bigint): void {
    this.#committed = next
    this.#show()
  }

  /** Another member has the partition now, and reports its lag. */
  remove(): void {
    this.#end = undefined
    this.#metrics.groupLag.remove(this.#labels)
  }

  #show(): void {
    if (this.#end === undefined) return
    this.#metrics.groupLag.set(this.#labels, Number(this.#end > this.#committed ? this.#end - this.#committed : 0n))
  }
}
