/** The sum of a metric over all its labels; 0 while it has no value. */
export async function sumOf(healthPort: number, name: string): Promise<number> {
  const samples = [...(await scrape(healthPort))].filter(([sample]) => sample === name || sample.startsWith(`${name}{`))
  return samples.reduce((sum, [, value]) => sum + value, 0)
}

/** Values of a bridge's `/metrics`, by name and labels as given there. */
export async function scrape(healthPort: number): Promise<ReadonlyMap<string, number>> {
  const answer = await fetch(`http://127.0.0.1:${healthPort}/metrics`)
  const values = new Map<string, number>()
  for (const line of (await answer.text()).split('\n')) {
    const [, name, value] = /^([a-z0-9_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? []
    if (name !== undefined && value !== undefined) values.set(name, Number(value))
  }
  return values
}
