import { expect, test } from 'vitest'
import { GossipSettingsError } from '../../../../src/gossip/errors.ts'
import { swarmKeyOf } from '../../../../src/gossip/node/pre-shared-key.ts'

const key = '0123456789abcdef'.repeat(4)

test.each([key, `${key}00ff`, ` ${key.toUpperCase()} `, `${key} trailing words`])(
  'makes the swarm key file of the first 64 characters of %s',
  (text) => {
    const file = Buffer.from(swarmKeyOf(text)).toString()
    expect(file).toBe(`/key/swarm/psk/1.0.0/\n/base16/\n${key}`)
    expect(file).toHaveLength(95)
  },
)

test.each([
  ['', 'has 0 characters'],
  [key.slice(1), 'has 63 characters'],
  ['x'.repeat(64), 'is not hexadecimal'],
])('refuses %s without showing it', (text, why) => {
  expect(() => swarmKeyOf(text)).toThrow(GossipSettingsError)
  expect(() => swarmKeyOf(text)).toThrow(`p2p_shared_key ${why}`)
  if (text !== '') expect(() => swarmKeyOf(text)).not.toThrow(text)
})
