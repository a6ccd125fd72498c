/** Started resources, to be ended in reverse order. */
export interface Scope {
  add(stop: () => Promise<unknown>): void
}

/** Runs the work and ends everything that it added, whatever happens. */
export async function withScope<T>(work: (scope: Scope) => Promise<T>): Promise<T> {
  const stops: (() => Promise<unknown>)[] = []
  try {
    return await work({ add: (stop) => void stops.push(stop) })
  } finally {
    for (let stop = stops.pop(); stop; stop = stops.pop()) await stop().catch((error) => console.error(`bench: ${error}`))
  }
}
