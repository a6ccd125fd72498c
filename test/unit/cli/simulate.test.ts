import { expect, test } from 'vitest'
import { runProgram } from '../../../src/cli/program.ts'
import { createFakeHost } from '../../support/bridge/fake-host.ts'
import { eventually } from '../../support/eventually.ts'

test.each([
  [['--node', 'no$pe'], 'at most 40 letters, digits, dots, dashes and underscores'],
  [['--for', 'ever'], 'it takes a number from 0'],
  [['--blocks-per-second', '-1'], 'it takes a number from 0 to 10000'],
  [['--subtrees-per-second', ''], 'it takes a number from 0 to 10000'],
  [['--subtree-size', '12'], 'it takes a power of two from 2 to 1024'],
])('simulate refuses %j in one sentence', async (flags, sentence) => {
  const host = createFakeHost()
  expect(await runProgram(['simulate', ...flags], host)).toBe(1)
  expect(host.err()).toContain(sentence)
  expect(host.err().trim().split('\n')).toHaveLength(1)
})

test.each<[string, string[], string]>([
  [
    'mainnet, the default',
    [],
    'The network of the settings is mainnet, so a bridge would announce the simulated blocks to real peers, which ban it: nothing was written. ' +
      'Set network to regtest, or confirm with --network-is-a-test that only your own nodes take part.',
  ],
  ...['testnet', 'stn', 'teratestnet', 'tstn'].map((network): [string, string[], string] => [
    network,
    ['--network', network],
    'or confirm with --network-is-a-test',
  ]),
])('simulate writes nothing on %s', async (_what, flags, sentence) => {
  // The command would wait for this Kafka for ever.
  const host = createFakeHost({ KAFKA_BROKERS: '127.0.0.1:1', CLIENTNAME: 'node-a' })
  expect(await runProgram(['simulate', ...flags], host)).toBe(1)
  expect(host.err()).toContain(sentence)
  expect(host.out()).toBe('')
})

test.each([
  ['regtest', ['--network', 'regtest']],
  ['a network that is confirmed', ['--network', 'mainnet', '--network-is-a-test']],
])('simulate writes on %s', async (_what, flags) => {
  const host = createFakeHost({ KAFKA_BROKERS: '127.0.0.1:1', CLIENTNAME: 'node-a' })
  const ended = runProgram(['simulate', ...flags, '--for', '0'], host)
  await eventually(() => host.listenerCount() > 0) // it has begun, and waits for Kafka
  host.signal('SIGTERM')
  await ended
  expect(host.err()).not.toContain('--network-is-a-test')
})
