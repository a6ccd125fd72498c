/** A score at a moment of the store's time, in milliseconds since the epoch. */
export interface Score {
  readonly points: number
  readonly at: number
}

const MINUTE_MS = 60_000

/** The score at a later moment: one point less for each whole minute. The rest of a minute counts towards the next point. */
export function decayed({ points, at }: Score, now: number): Score {
  const minutes = Math.max(0, Math.floor((now - at) / MINUTE_MS))
  return minutes >= points ? { points: 0, at: now } : { points: points - minutes, at: at + minutes * MINUTE_MS }
}

/** The rule by which a store adds the points of an offence. */
export function addPoints(old: Score | undefined, points: number, now: number): Score {
  const before = old ? decayed(old, now) : { points: 0, at: now }
  return { points: before.points + points, at: before.at }
}
