/** Ends something. A text that it resolves with is a sentence on what did not go as it should. */
export type Stop = () => Promise<unknown>

/** What was started, to be ended in reverse order: layers one after the other, what stands in one layer at once. */
export class Cleanup {
  readonly #layers: Stop[][] = []

  /** A layer that ends before all earlier ones. */
  layer(): { add(stop: Stop): void } {
    const stops: Stop[] = []
    this.#layers.push(stops)
    return { add: (stop) => void stops.push(stop) }
  }

  /** Ends everything, whatever fails on the way; resolves with what went wrong. */
  async run(): Promise<string[]> {
    const faults: string[] = []
    for (let layer = this.#layers.pop(); layer; layer = this.#layers.pop()) {
      const ends = await Promise.allSettled(layer.map((stop) => stop()))
      for (const end of ends) {
        if (end.status === 'rejected') faults.push(`${end.reason}`)
        else if (typeof end.value === 'string') faults.push(end.value)
      }
    }
    return faults
  }
}
