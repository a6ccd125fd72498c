import { expect, test } from 'vitest'
import { RetryLaterError } from '../../../src/messages/errors.ts'
import { PEER, startApi } from './start-api.ts'

const SCORES = [{ peerId: PEER, points: 70, at: 1_700_000_000_000 }]

test('the highest scores are shown, as many as were asked for', async () => {
  const asked: number[] = []
  const list = async (limit: number) => {
    asked.push(limit)
    return SCORES
  }
  const { ask } = await startApi({ scores: { list } })
  const shown = { isKept: true, scores: [{ peerId: PEER, points: 70, at: '2023-11-14T22:13:20.000Z' }] }
  expect(await ask('GET', '/v1/scores')).toMatchObject({ status: 200, body: shown })
  expect(await ask('GET', '/v1/scores?limit=5')).toMatchObject({ status: 200, body: shown })
  expect(asked).toEqual([100, 5])
})

test.each(['0', '1001', '-1', '1.5', 'ten', '', '00000005'])('a limit of %j is refused', async (limit) => {
  const { ask } = await startApi({ scores: { list: async () => SCORES } })
  expect(await ask('GET', `/v1/scores?limit=${limit}`)).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining('1 to 1000') },
  })
})

test('while the database is away, that is said, and when to ask again', async () => {
  const list = async () => {
    throw new RetryLaterError('the scores cannot be read now: connection refused')
  }
  const { ask } = await startApi({ scores: { list } })
  const { status, headers, body } = await ask('GET', '/v1/scores')
  expect({ status, after: headers.get('retry-after'), body }).toEqual({
    status: 503,
    after: '2',
    body: { error: 'the scores cannot be read now: connection refused' },
  })
})

test('without a database it says that no scores are kept', async () => {
  const { ask } = await startApi()
  expect(await ask('GET', '/v1/scores')).toMatchObject({ status: 200, body: { isKept: false, scores: [] } })
})
