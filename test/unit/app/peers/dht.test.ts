import { expect, test } from 'vitest'
import { dhtOptions } from '../../../../src/app/peers/dht.ts'
import { settingsOf } from '../../../support/bridge/settings.ts'

const key = 'a1'.repeat(32)

test.each([
  ['mainnet', {}, { protocol: '/ipfs/kad/1.0.0', mode: 'client', isPublic: true }],
  ['regtest', { NETWORK: 'regtest' }, undefined],
  ['a shared key alone', { P2P_SHARED_KEY: key }, undefined],
  ['off', { P2P_DHT_MODE: 'off' }, undefined],
  [
    'a private DHT',
    { P2P_SHARED_KEY: key, P2P_DHT_USE_PRIVATE: 'true', NETWORK: 'regtest' },
    { protocol: '/teranode/kad/1.0.0', mode: 'server', isPublic: false },
  ],
  [
    'a private DHT of another name',
    { P2P_SHARED_KEY: key, P2P_DHT_USE_PRIVATE: 'true', P2P_DHT_PROTOCOL_ID: '/x' },
    { protocol: '/x/kad/1.0.0', mode: 'server', isPublic: false },
  ],
  [
    'the public DHT on private addresses',
    { P2P_ALLOW_PRIVATE_IPS: 'true', P2P_DHT_MODE: 'client', NETWORK: 'regtest' },
    { protocol: '/ipfs/kad/1.0.0', mode: 'client', isPublic: false },
  ],
  ['a server of the public DHT', { P2P_DHT_MODE: 'server' }, { protocol: '/ipfs/kad/1.0.0', mode: 'server', isPublic: true }],
])('the DHT with the settings of %s', (_, environment, expected) => {
  expect(dhtOptions(settingsOf(environment as Record<string, string>))).toEqual(expected)
})
