import { expect, test } from 'vitest'
import { tokenInRequest } from '../../../../src/websocket/tokens/token-in-request.ts'

const NONE = { authorization: '', query: '', protocols: [] }

test.each([
  [NONE, ''],
  [{ ...NONE, authorization: 'Bearer abc.def' }, 'abc.def'],
  [{ ...NONE, authorization: 'bearer  abc ' }, 'abc'],
  [{ ...NONE, authorization: 'Basic YWJj' }, ''],
  [{ ...NONE, authorization: 'Bearer' }, ''],
  [{ ...NONE, authorization: 'Bearer a b' }, ''],
  [{ ...NONE, protocols: ['gossip-bridge.v1+json', 'bearer.a.b'] }, 'a.b'],
  [{ ...NONE, query: 'types=block&access_token=a%2Eb' }, 'a.b'],
  [{ ...NONE, query: 'access_token_=a' }, ''],
  [{ authorization: 'Bearer one', query: 'access_token=three', protocols: ['bearer.two'] }, 'one'],
  [{ authorization: '', query: 'access_token=three', protocols: ['bearer.two'] }, 'two'],
])('the token of %j is %j', (places, token) => {
  expect(tokenInRequest(places)).toBe(token)
})
