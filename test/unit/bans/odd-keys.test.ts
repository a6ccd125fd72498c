import { expect, test } from 'vitest'
import { normaliseBanCommand } from '../../../src/bans/ban-command.ts'
import { parseBanFile } from '../../../src/bans/text/ban-file.ts'
import { startApi } from '../admin/start-api.ts'

const NOW = Date.UTC(2026, 0, 1)
const PEER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

/** What people and logs write, and the one meaning that it has at every door; null: refused. */
const KEYS: readonly (readonly [written: string, canonical: string | null])[] = [
  ['10.1.2.3/8', '10.0.0.0/8'], // host bits
  ['192.0.2.1/32', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'], // an IPv4 address on an IPv6 socket
  ['::FFFF:C000:0201', '192.0.2.1'],
  ['::ffff:10.1.2.3/104', '10.0.0.0/8'],
  ['fe80::1%eth0', 'fe80::1'], // a zone is of this host alone
  ['192.0.2.1:8333', '192.0.2.1'], // as logs write it
  ['[2001:DB8::0001]:8333', '2001:db8::1'],
  ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
  [PEER, PEER],
  ['010.1.2.3', null], // octal for some, decimal for others
  ['0x0a.1.2.3', null],
  ['10.1.2', null],
  ['167838211', null],
  ['10.0.0.0/33', null],
  ['10.0.0.0/08x', null],
  ['10.0.0.0/010', null], // 10 for some, 8 for others
  ['2001:db8::/032', null],
  ['::ffff:192.0.2.1/096', null],
  ['192.0.2.1/255.255.255.0', null],
  ['192.0.2.1:65535', '192.0.2.1'],
  ['192.0.2.1:65536', null],
  ['[2001:db8::1]:99999', null],
  ['[[2001:db8::1]]', null],
  ['fe80::1%', null],
  ['fe80::1%eth0:8333', null],
  ['[fe80::1%eth0]:8333', 'fe80::1'],
  ['fe80::1%a b', null],
  ['fe80::1%eth0/64', 'fe80::/64'],
  ['192.0.2.1-192.0.2.9', null],
  ['192.0.2.*', null],
  ['::/129', null],
  ['::ffff:0:0/90', null],
  ['node.example', null],
  ['', null],
]

test.each(KEYS)('the key %j is %j in a command of the topic', (written, canonical) => {
  const request = () => normaliseBanCommand({ action: 'add', key: written }, { defaultDurationMs: 1000, givenAt: NOW })
  if (canonical === null) expect(request).toThrow()
  else expect(request().key).toBe(canonical)
})

test.each(KEYS.filter(([written]) => written !== ''))('the key %j is %j in a file', (written, canonical) => {
  const text = `203.0.113.1\n${written} permanent # as written\n`
  if (canonical === null) expect(() => parseBanFile(text)).toThrow(/line 2/)
  else expect(parseBanFile(text)).toMatchObject([{ key: '203.0.113.1' }, { key: canonical, reason: 'as written' }])
})

test('the keys have the same meaning by HTTP: for a ban, a check and a removal', async () => {
  const { ask } = await startApi()
  for (const [written, canonical] of KEYS) {
    const added = await ask('POST', '/v1/bans', { body: { key: written, permanent: true } })
    const path = `/v1/bans/${encodeURIComponent(written)}`
    if (canonical === null) {
      expect({ written, status: added.status }).toEqual({ written, status: 400 })
      if (written !== '') expect((await ask('GET', path)).status).toBe(400)
      continue
    }
    expect({ written, body: added.body }).toMatchObject({ written, body: { changed: true, key: canonical } })
    expect((await ask('GET', path)).body).toMatchObject({ key: canonical, banned: true })
    expect((await ask('DELETE', path)).body).toMatchObject({ changed: true, key: canonical })
  }
  expect((await ask('GET', '/v1/bans')).body).toMatchObject({ total: 0 })
})
