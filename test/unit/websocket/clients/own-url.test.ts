import { expect, test } from 'vitest'
import { ownUrl } from '../../../../src/websocket/clients/own-url.ts'

test.each([
  [null, false, 'ws://127.0.0.1:9906/ws'],
  ['0.0.0.0', false, 'ws://127.0.0.1:9906/ws'],
  ['::', false, 'ws://[::1]:9906/ws'],
  ['192.0.2.7', true, 'wss://192.0.2.7:9906/ws'],
  ['2001:db8::7', true, 'wss://[2001:db8::7]:9906/ws'],
])('a listener on %s is reached at its own address, or on the loopback interface', (host, isTls, url) => {
  expect(ownUrl({ host, port: 9906, isTls })).toBe(url)
})
