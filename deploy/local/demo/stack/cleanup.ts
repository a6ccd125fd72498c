/** Stops one thing. A text as its result is a sentence about a fault. */
export type Stop = () => Promise<unknown>

/** The stops of everything that was started. Layers stop in reverse order, the stops of one layer all at once. */
export class Cleanup {
  readonly #layers: Stop[][] = []

  /** Adds a layer that stops before all earlier ones. */
  layer(): { add(stop: Stop): void } {
    const stops: Stop[] = []
    this.#layers.push(stops)
    return { add: (stop) => void stops.push(stop) }
  }

  /** Stops everything, even when some stops fail; resolves with the faults. */
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
