import { expect, test } from 'vitest'
import { runBridge } from '../support/bridge/bridge-process.ts'

test('all faults in the settings come in one message, each with name, value and what would be right, and exit code 78', async () => {
  const { code, stdout, stderr } = await runBridge(['serve'], {
    NETWORK: 'moon',
    P2P_PORT: '70000',
    P2P_STATIC_PEERS: '/ip4/192.0.2.1/tcp/9905',
    P2P_SHARED_KEY: 'a-key-that-is-none',
    KAFKA_SASL_PASSWORD: 'not-to-be-seen',
    BANLIST_DB: 'mysql://user:not-to-be-seen@db/bridge',
  })
  expect({ code, stdout }).toEqual({ code: 78, stdout: '' })
  expect(stderr).toMatch(/^The settings have \d faults:\n/)
  expect(stderr).toContain('  network is "moon" (environment NETWORK): should be one of mainnet, testnet, regtest')
  expect(stderr).toContain('  p2p_port is "70000" (environment P2P_PORT): should be a port from 1 to 65535')
  expect(stderr).toContain('  p2p_static_peers has an entry "/ip4/192.0.2.1/tcp/9905" (environment P2P_STATIC_PEERS): should be')
  expect(stderr).toContain('  p2p_shared_key is [secret] (environment P2P_SHARED_KEY): should be at least 64 hex characters')
  expect(stderr).toMatch(/ {2}banlist_db is \[secret\] \(environment BANLIST_DB\): should be/)
  expect(stderr).not.toMatch(/not-to-be-seen|a-key-that-is-none/)
})

test('a relay without a handshake topic is refused in exactly these words', async () => {
  const { code, stderr } = await runBridge(['serve'], { P2P_HANDSHAKE_TOPIC: '' })
  expect({ code, faults: stderr.trimEnd().split('\n').slice(1) }).toEqual({ code: 78, faults: ['  p2p_handshake_topic not set in config'] })
})

test('a command that does not exist ends with a suggestion and not with 0', async () => {
  const { code, stderr } = await runBridge(['topic', 'create'], {})
  expect(code).toBe(1)
  expect(stderr).toContain('Did you mean topics?')
})
