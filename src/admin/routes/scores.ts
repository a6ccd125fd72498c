import { timeText } from '../../lifecycle/time-text.ts'
import { badRequest } from '../answers.ts'
import type { Route } from '../route.ts'

const DEFAULT_LIMIT = 100
const MOST = 1000

/** The scores of signers, which all instances share. */
export const SCORE_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/v1/scores',
    operation: 'listScores',
    summary: 'The highest scores of signers; `isKept` is false without banlist_db, since nobody is scored then',
    isChange: false,
    query: { limit: { type: 'integer', description: `Upper bound on the entries, 1 to ${MOST}; ${DEFAULT_LIMIT} by default.` } },
    answer: 'Scores',
    async handle({ query }, { scores }) {
      const found = scores ? await scores.list(limitIn(query)) : []
      const shown = found.map(({ peerId, points, at }) => ({ peerId, points, at: timeText(at) }))
      return { status: 200, body: { isKept: scores !== undefined, scores: shown } }
    },
  },
]

function limitIn(query: URLSearchParams): number {
  const text = query.get('limit') ?? String(DEFAULT_LIMIT)
  const limit = Number(text)
  if (!/^\d{1,4}$/.test(text) || limit < 1 || limit > MOST) throw badRequest(`limit has to be a number from 1 to ${MOST}`)
  return limit
}
