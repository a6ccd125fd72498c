import { until } from '../support/until.ts'

/** The cursor of the newest event that a bridge gives to browsers, once there is one. */
export async function newestCursor(port: number): Promise<string> {
  let cursor: string | null = null
  const look = async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/v1/events?limit=1`)
    cursor = ((await answer.json()) as { next: string | null }).next
    return cursor !== null
  }
  await until(look, { everyMs: 100, withinMs: 30_000 })
  return cursor ?? ''
}
