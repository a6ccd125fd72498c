import { expect, test } from 'vitest'
import { eventually } from '../../support/eventually.ts'
import { startDnsServer } from './dns-server.ts'
import { blockTopic, startHost } from './start-host.ts'

const LIST = '/dnsaddr/bootstrap.test'
const NAME = '_dnsaddr.bootstrap.test'

test.each(['staticPeers', 'bootstrapPeers'] as const)(
  '%s: all peers of a list in the DNS are dialled, at local addresses too',
  async (setting) => {
    const dns = await startDnsServer()
    const [one, two] = [await startHost(), await startHost()]
    dns.records.set(NAME, [`dnsaddr=${one.address()}`, 'dnsaddr=/dnsaddr/more.test'])
    dns.records.set('_dnsaddr.more.test', [`dnsaddr=${two.address()}`])
    const host = await startHost({ [setting]: [LIST], dnsServers: [dns.address] })
    await eventually(() => host.subscribers(blockTopic).includes(one.peerId) && host.subscribers(blockTopic).includes(two.peerId))
  },
)

test('an address with a peer id that stands in the DNS is resolved when it is dialled', async () => {
  const dns = await startDnsServer()
  const [one, two] = [await startHost(), await startHost()]
  dns.records.set(NAME, [`dnsaddr=${one.address()}`, `dnsaddr=${two.address()}`])
  const host = await startHost({ staticPeers: [`${LIST}/p2p/${one.peerId}`], dnsServers: [dns.address] })
  await eventually(() => host.subscribers(blockTopic).length === 1)
  expect(host.peers().map(({ peerId }) => peerId)).toEqual([one.peerId])
})

test('a list that does not exist is said once', async () => {
  const dns = await startDnsServer()
  const host = await startHost({ staticPeers: [LIST], dnsServers: [dns.address] })
  const warnings = () => host.lines.filter(({ level, msg }) => level === 40 && String(msg).startsWith('a list of peers'))
  await eventually(() => warnings().length === 1)
  expect(warnings()[0]).toMatchObject({ address: LIST, reason: expect.stringContaining('ENOTFOUND') })
})
