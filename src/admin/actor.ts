const LONGEST_ACTOR = 64

/** The name that a client gave in `x-actor`, as far as a log line and a terminal can show it; null without one. */
export function actorOf(header: string | string[] | undefined): string | null {
  const text = typeof header === 'string' ? header.replace(/[^\x20-\x7e]/g, '?').trim() : ''
  return text === '' ? null : text.slice(0, LONGEST_ACTOR)
}
