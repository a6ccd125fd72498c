import type { Connection } from '@libp2p/interface'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { createLivenessCheck } from '../../../../src/gossip/upkeep/liveness.ts'
import { fakeClock } from '../../../support/fake-clock.ts'

/** A connection whose new streams fail with this error, once the time for it has come. */
function connectionOf(peerId: string, newStream: () => Promise<never>) {
  const aborted: Error[] = []
  const connection = {
    id: `connection to ${peerId}`,
    status: 'open',
    remotePeer: { toString: () => peerId },
    newStream,
    abort: (error: Error) => aborted.push(error),
  }
  return { aborted, connection: connection as unknown as Connection }
}

function setUp(connections: Connection[]) {
  const clock = fakeClock()
  const answers: [string, number][] = []
  const round = createLivenessCheck(
    { timeoutMs: 5 },
    {
      log: pino({ level: 'silent' }),
      connections: () => connections,
      onAbort: () => {},
      onAnswer: (peerId, askedAt) => answers.push([peerId, askedAt]),
      now: () => clock.steady(),
    },
  )
  return { clock, answers, round: () => round(new AbortController().signal) }
}

test('an answer is reported with the time at which the ping was sent', async () => {
  const { connection } = connectionOf('a', async () => {
    clock.advance(3000)
    throw Object.assign(new Error('no ping here'), { name: 'UnsupportedProtocolError' }) // a refusal is an answer
  })
  const { clock, answers, round } = setUp([connection])
  const askedAt = clock.steady()
  await round()
  expect(answers).toEqual([['a', askedAt]])
})

test('a peer that does not answer is not reported, and loses its connection after the third ping', async () => {
  const { connection, aborted } = connectionOf('a', () => new Promise(() => {}))
  const { answers, round } = setUp([connection])
  await round()
  await round()
  expect(aborted).toEqual([])
  await round()
  expect(aborted).toHaveLength(1)
  expect(answers).toEqual([])
})
