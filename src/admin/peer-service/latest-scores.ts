import type { Clock } from '../../lifecycle/clock.ts'
import type { ScoresAdmin } from '../ports.ts'

export interface LatestScoresDeps {
  /** Undefined where no scores are kept. */
  readonly scores: ScoresAdmin | undefined
  readonly clock: Pick<Clock, 'steady'>
}

const READ_EACH_MS = 1000
const MOST = 1000

/**
 * The highest scores, read at most once a second, however many ask. While the store is away they are the last ones read: a list of
 * peers is worth more than an error.
 */
export function createLatestScores({ scores, clock }: LatestScoresDeps): () => Promise<ReadonlyMap<string, number>> {
  let latest: ReadonlyMap<string, number> = new Map()
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  const read = async () => {
    const found = await scores?.list(MOST)
    latest = new Map(found?.map(({ peerId, points }) => [peerId, points]))
  }
  return async () => {
    if (!reading && clock.steady() - readAt >= READ_EACH_MS) {
      readAt = clock.steady()
      reading = read().finally(() => {
        reading = undefined
      })
    }
    await reading?.catch(() => {}) // the store's own part says that it is away
    return latest
  }
}
