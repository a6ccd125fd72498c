/** What a bridge complains of in its log. */
export class Complaints {
  #warnings = 0
  #errors = 0
  #from = Number.POSITIVE_INFINITY
  #until = Number.POSITIVE_INFINITY

  /** From now on warnings count, by the times of the lines. Before, bridges that start side by side dial each other too early. */
  countWarnings(): void {
    this.#from = Date.now()
  }

  /** No warning counts any more: while bridges stop, one of them misses the other. */
  ignoreWarnings(): void {
    this.#until = Date.now()
  }

  hear(line: string): void {
    const level = levelOf(line)
    if (level >= 50) this.#errors++
    else if (level >= 40 && this.#isBetween(timeOf(line))) this.#warnings++
  }

  /** Numbers of lines at level warn, and at error or fatal. */
  counts(): { warnings: number; errors: number } {
    return { warnings: this.#warnings, errors: this.#errors }
  }

  #isBetween(time: number): boolean {
    return time >= this.#from && time < this.#until
  }
}

function levelOf(line: string): number {
  const level = /"level":("?)(\w+)\1/.exec(line)?.[2]
  const byName: Record<string, number> = { warn: 40, error: 50, fatal: 60 }
  return byName[level ?? ''] ?? (Number(level) || 0)
}

/** In milliseconds since the epoch; now for a line without a time. */
function timeOf(line: string): number {
  const text = /"time":"?([^",]+)/.exec(line)?.[1] ?? ''
  const time = new Date(/^\d+$/.test(text) ? Number(text) : text).getTime()
  return Number.isNaN(time) ? Date.now() : time
}
