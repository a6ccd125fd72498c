import type { KafkaMetrics } from '../../../telemetry/kafka-metrics.ts'

export interface PartitionLagOptions {
  readonly groupId: string
  readonly topic: string
  readonly partition: number
}

/** How far a group is behind in one partition: from what it has committed to the partition's real end. */
export class PartitionLag {
  readonly #labels: { group: string; topic: string; partition: string }
  readonly #metrics: Pick<KafkaMetrics, 'groupLag'>
  #end: bigint | undefined
  #committed = 0n

  constructor({ groupId, topic, partition }: PartitionLagOptions, { metrics }: { metrics: Pick<KafkaMetrics, 'groupLag'> }) {
    this.#labels = { group: groupId, topic, partition: `${partition}` }
    this.#metrics = metrics
  }

  /** Every answer counts, empty ones too: the end moves while an open transaction keeps all records back. */
  reached(highWatermark: bigint): void {
    if (this.#end === highWatermark) return
    this.#end = highWatermark
    this.#show()
  }

  /** Where the group stands, or begins. */
  committed(next: bigint): void {
    this.#committed = next
    this.#show()
  }

  /** The partition is somebody else's now, and so is its lag. */
  remove(): void {
    this.#end = undefined
    this.#metrics.groupLag.remove(this.#labels)
  }

  #show(): void {
    if (this.#end === undefined) return
    this.#metrics.groupLag.set(this.#labels, Number(this.#end > this.#committed ? this.#end - this.#committed : 0n))
  }
}
