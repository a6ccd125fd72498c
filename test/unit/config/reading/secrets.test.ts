import { expect, test } from 'vitest'
import { SettingsError } from '../../../../src/config/settings-error.ts'
import { settingsOf } from '../../../support/bridge/settings.ts'

const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'
const publicKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'

test.each([
  ['a seed alone', { P2P_PRIVATE_KEY: seed }, 'p2p_private_key is [secret]'],
  ['a wrong public half', { P2P_PRIVATE_KEY: seed + seed }, 'p2p_private_key is [secret]'],
  ['words', { P2P_PRIVATE_KEY: 'correct horse battery staple' }, 'p2p_private_key is [secret]'],
  [
    'a peer id of another key',
    { P2P_PRIVATE_KEY: seed + publicKey, P2P_PEER_ID: '12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK' },
    'p2p_peer_id is "12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK", but p2p_private_key makes "12D3KooW',
  ],
  ['a short shared key', { P2P_SHARED_KEY: seed.slice(0, 62) }, 'p2p_shared_key is [secret]'],
  ['a shared key that is no hex', { P2P_SHARED_KEY: 'correct horse battery staple '.repeat(3) }, 'p2p_shared_key is [secret]'],
])('%s ends the start with the name of the setting, and never with its value', (_, environment, sentence) => {
  const error = (() => {
    try {
      settingsOf(environment as Record<string, string>)
    } catch (thrown) {
      return thrown
    }
    return undefined
  })()
  expect(error).toBeInstanceOf(SettingsError)
  const text = String(error)
  expect(text).toContain(sentence)
  for (const secret of [seed.slice(0, 16), publicKey.slice(0, 16), 'horse']) expect(text).not.toContain(secret)
})
