import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { TokenCheck } from '../../../../src/websocket/tokens/token-check.ts'
import { openTokenGate, TokenGate, WRONG_TOKENS } from '../../../../src/websocket/tokens/token-gate.ts'

const RIGHT = 'a-token-of-more-than-16'
const NETWORK = '192.0.2.1'

function gateWith(check: TokenCheck) {
  let now = 0
  const gate = new TokenGate({ check, keys: null, clock: { steady: () => now } })
  const refusalOf = async (token: string, network = NETWORK) => (await gate.check(token, network)).refusal
  return { refusalOf, pass: (ms: number) => (now += ms) }
}

test.each([
  ['at once', (token: string) => (token === RIGHT ? { refusal: null, expiresAt: null } : { refusal: 'wrong', text: '' })],
  ['later', async (token: string) => (token === RIGHT ? { refusal: null, expiresAt: null } : { refusal: 'wrong', text: '' })],
] as [string, TokenCheck][])('after too many wrong tokens, judged %s, an address waits, whatever token it brings', async (_, check) => {
  const { refusalOf, pass } = gateWith(check)
  for (let guess = 0; guess < WRONG_TOKENS.burst; guess++) expect(await refusalOf('wrong')).toBe('wrong')
  expect([await refusalOf('wrong'), await refusalOf(RIGHT), await refusalOf('')]).toEqual(['too-often', 'too-often', 'missing'])
  expect(await refusalOf(RIGHT, '192.0.2.2')).toBeNull()
  pass(1000 / WRONG_TOKENS.perSecond)
  expect(await refusalOf(RIGHT)).toBeNull()
})

test('expired and missing tokens are no guesses', async () => {
  const { refusalOf } = gateWith(() => ({ refusal: 'expired', text: '' }))
  for (let guess = 0; guess <= WRONG_TOKENS.burst; guess++) {
    await refusalOf('')
    expect(await refusalOf('old')).toBe('expired')
  }
})

test('tokens of a key that has not come here yet are no guesses', async () => {
  const { refusalOf } = gateWith(() => ({ refusal: 'wrong', text: '', isGuess: false }))
  for (let guess = 0; guess <= WRONG_TOKENS.burst; guess++) expect(await refusalOf('early')).toBe('wrong')
})

test('the static token may change while clients come; an empty one changes nothing', async () => {
  const options = { kind: 'static' as const, token: RIGHT }
  const clock = { wall: () => 0, steady: () => 0 }
  const gate = await openTokenGate(options, { log: pino({ level: 'silent' }), clock })
  const isIn = async (token: string) => (await gate.check(token, NETWORK)).refusal === null
  expect(await isIn(RIGHT)).toBe(true)
  options.token = 'another-token-of-16'
  expect([await isIn(RIGHT), await isIn('another-token-of-16')]).toEqual([false, true])
  options.token = ''
  expect(await isIn('another-token-of-16')).toBe(true)
})
