import { expect, test } from 'vitest'
import { Origins } from '../../../../src/websocket/http/origins.ts'

const own = { publicAddress: { host: 'bridge.example', port: null }, listenAddress: { host: '192.0.2.7', port: 9906 } }

test.each([
  ['', 'bridge.example', [], true], // a program
  ['https://bridge.example', 'bridge.example', [], true],
  ['http://Bridge.example', '127.0.0.1:9906', [], true], // behind a proxy that passes on no Host
  ['https://bridge.example:8443', 'bridge.example:8443', [], false], // another port than that of p2p_httpAddress
  ['http://192.0.2.7:9906', 'other', [], true],
  ['http://localhost:8080', 'other', [], true],
  ['http://[::1]:9906', 'other', [], true],
  ['http://stranger.example:9906', 'stranger.example:9906', [], false], // a stranger's name that points here
  ['http://203.0.113.9:30906', '203.0.113.9:30906', [], true], // an address proves itself
  ['http://[2001:db8::1]:9906', '[2001:db8::1]:9906', [], true],
  ['http://203.0.113.9:30906', '203.0.113.9:9906', [], false],
  ['http://bridge.example.evil.example', 'bridge.example', [], false],
  ['http://203.0.113.9.evil.example', '203.0.113.9.evil.example', [], false],
  ['null', 'bridge.example', [], false],
  ['file://bridge.example', 'bridge.example', [], false],
  ['https://explorer.example', 'bridge.example', ['https://explorer.example'], true],
  ['http://explorer.example', 'bridge.example', ['https://explorer.example'], false],
  ['https://a.explorer.example', '', ['https://*.explorer.example'], true],
  ['https://a.b.explorer.example', '', ['https://*.explorer.example'], true],
  ['https://explorer.example', '', ['https://*.explorer.example'], false],
  ['https://evilexplorer.example', '', ['https://*.explorer.example'], false],
  ['http://a.explorer.example', '', ['https://*.explorer.example'], false],
  ['https://a.explorer.example:8443', '', ['https://*.explorer.example:8443'], true],
  ['https://a.explorer.example', '', ['https://*.explorer.example:8443'], false],
  ['https://anything.example', 'bridge.example', ['*'], true],
  ['https://explorer.example.', '', ['https://explorer.example'], true], // the same host
  ['https://explorer.example.:8443', '', ['https://explorer.example:8443'], true],
  ['https://explorer.example', '', ['https://explorer.example.'], true],
  ['https://a.explorer.example.', '', ['https://*.explorer.example'], true],
  ['https://bridge.example.', 'bridge.example.', [], true],
  ['http://localhost.:8080', '', [], true],
  ['http://app.localhost:3000', '', [], true],
  ['http://localhost.evil.example', '', [], false],
  ['http://evillocalhost', '', [], false],
  ['https://explorer.example..', '', ['https://explorer.example'], false],
  ['https://explorer.example,https://evil.example', '', ['https://explorer.example'], false], // two lines, joined
  ['https://evil.example,https://explorer.example', '', ['https://explorer.example'], false],
  ['http://203.0.113.9', '203.0.113.9,evil.example', [], false],
])('a page of %s that asks for host %s, with %j allowed: %s', (origin, host, allowed, expected) => {
  expect(new Origins({ ...own, allowed }).isAllowed(origin, host)).toBe(expected)
})
