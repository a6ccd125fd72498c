import { expect, test } from 'vitest'
import { dialFailure } from '../../../../src/gossip/connections/dial-failure.ts'
import { DeadlineError } from '../../../../src/lifecycle/time.ts'

const named = (name: string, message = 'because') => Object.assign(new Error(message), { name })

test.each([
  [named('UnexpectedPeerError'), 'wrong-peer'],
  [named('EncryptionFailedError', 'Payload identity key A does not match expected remote identity key B'), 'wrong-peer'],
  [named('EncryptionFailedError'), 'other-network'],
  [named('NoValidAddressesError'), 'no-address'],
  [named('DialDeniedError'), 'banned'],
  [named('ConnectionDeniedError'), 'banned'],
  [named('Error', 'connect ECONNREFUSED'), 'unreachable'],
  [new DeadlineError('a dial took longer than 5000 ms'), 'unreachable'],
  [new AggregateError([named('UnexpectedPeerError'), named('Error')]), 'unreachable'],
  [new AggregateError([named('UnexpectedPeerError'), named('UnexpectedPeerError')]), 'wrong-peer'],
  [new AggregateError([]), 'unreachable'],
  ['text', 'unreachable'],
])('%s is %s', (error, failure) => {
  expect(dialFailure(error)).toBe(failure)
})
