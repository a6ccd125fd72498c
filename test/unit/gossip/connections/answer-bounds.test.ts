import { expect, test } from 'vitest'
import { boundAnswers, MAX_ANSWERS } from '../../../../src/gossip/connections/answer-bounds.ts'

function negotiation() {
  const sent: string[] = []
  const send = (data: { toString(): string }) => sent.push(data.toString()) > 0
  const stream = { send, abort: (error: Error) => sent.push(`aborted: ${error.message}`) }
  const state = { isAgreed: false, refused: 0 }
  boundAnswers(stream, { isAgreed: () => state.isAgreed, onRefused: () => (state.refused += 1) })
  return { stream, state, sent, answer: () => stream.send(Buffer.from('na')) }
}

test('proposals are answered up to a bound, then the stream is ended', () => {
  const { answer, sent, state } = negotiation()
  for (let count = 0; count < MAX_ANSWERS; count++) answer()
  expect([sent.length, state.refused]).toEqual([MAX_ANSWERS, 0])
  expect(answer).toThrow('no protocol agreed on')
  expect([sent.length, state.refused]).toEqual([MAX_ANSWERS + 1, 1])
  expect(sent.at(-1)).toContain('aborted')
})

test('what is sent under an agreed protocol has no bound', () => {
  const { stream, answer, sent, state } = negotiation()
  answer()
  state.isAgreed = true
  for (let count = 0; count < 10 * MAX_ANSWERS; count++) stream.send(Buffer.from('data'))
  expect([sent.length, state.refused]).toEqual([1 + 10 * MAX_ANSWERS, 0])
})
