import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { peerIdOfPublicKey } from '../../../src/identity/peer-id.ts'
import { resolveDnsaddr } from '../../../src/peers/dnsaddr.ts'

const never = new AbortController().signal
const idOf = (name: string) => peerIdOfPublicKey(createHash('sha256').update(name).digest())
const at = (name: string, ip = '8.8.8.8') => `/ip4/${ip}/tcp/9905/p2p/${idOf(name)}`

/** A DNS with these records; counts the look-ups. */
function dns(records: Record<string, string[]>) {
  const asked: string[] = []
  return {
    asked,
    async lookUp(name: string) {
      asked.push(name)
      const texts = records[name]
      if (!texts) throw new Error(`ENOTFOUND ${name}`)
      return texts
    },
  }
}

test('a list stands for the peers that it names; what is no address of a peer over TCP is left out', async () => {
  const quic = `dnsaddr=/ip4/8.8.8.8/udp/1/quic-v1/p2p/${idOf('a')}`
  const { lookUp } = dns({
    '_dnsaddr.list.example': [
      `dnsaddr=${at('a')}`,
      `dnsaddr=${at('b')}`,
      `dnsaddr=${at('a')}`,
      'v=spf1',
      'dnsaddr=nonsense',
      quic,
      'dnsaddr=/ip4/8.8.8.8/tcp/1',
    ],
  })
  const cut = () => expect.fail('nothing is left out')
  expect(await resolveDnsaddr('/dnsaddr/list.example', lookUp, never, cut)).toEqual([at('a'), at('b')])
})

test('with a peer id only the addresses of that peer count, also those of lists in the list', async () => {
  const { lookUp } = dns({
    '_dnsaddr.list.example': [`dnsaddr=${at('b')}`, 'dnsaddr=/dnsaddr/more.example', `dnsaddr=/dnsaddr/b.example/p2p/${idOf('b')}`],
    '_dnsaddr.more.example': [`dnsaddr=${at('a', '1.1.1.1')}`, `dnsaddr=${at('b', '1.1.1.1')}`],
    '_dnsaddr.b.example': [`dnsaddr=${at('a', '9.9.9.9')}`],
  })
  expect(await resolveDnsaddr(`/dnsaddr/list.example/p2p/${idOf('a')}`, lookUp, never)).toEqual([at('a', '1.1.1.1')])
})

test('lists that name each other end, and of several lists one may be away', async () => {
  const { lookUp, asked } = dns({
    '_dnsaddr.one.example': ['dnsaddr=/dnsaddr/two.example', 'dnsaddr=/dnsaddr/away.example', `dnsaddr=${at('a')}`],
    '_dnsaddr.two.example': ['dnsaddr=/dnsaddr/one.example', `dnsaddr=${at('b')}`],
  })
  expect((await resolveDnsaddr('/dnsaddr/one.example', lookUp, never)).sort()).toEqual([at('a'), at('b')].sort())
  expect(asked.length).toBeLessThanOrEqual(20)
})

test('a list in the list whose server is silent holds up none of the others', async () => {
  const { lookUp } = dns({
    '_dnsaddr.list.example': ['dnsaddr=/dnsaddr/silent.example', 'dnsaddr=/dnsaddr/more.example', `dnsaddr=${at('a')}`],
    '_dnsaddr.more.example': [`dnsaddr=${at('b')}`],
  })
  const silent = (name: string) => (name === '_dnsaddr.silent.example' ? new Promise<string[]>(() => {}) : lookUp(name))
  expect((await resolveDnsaddr('/dnsaddr/list.example', silent, never)).sort()).toEqual([at('a'), at('b')].sort())
})

test('a flood of records and of lists is bounded', async () => {
  const asked: string[] = []
  const lookUp = async (name: string) => {
    asked.push(name)
    const lists = Array.from({ length: 500 }, (_, index) => `dnsaddr=/dnsaddr/l${index}.example`)
    return asked.length === 1 ? lists : Array.from({ length: 500 }, (_, index) => `dnsaddr=${at(`${asked.length} ${index}`)}`)
  }
  let cuts = 0
  expect(await resolveDnsaddr('/dnsaddr/list.example', lookUp, never, () => cuts++)).toHaveLength(100)
  expect(asked.length).toBeLessThanOrEqual(20)
  expect(cuts).toBeGreaterThan(0)
})

test('a list that cannot be looked up is an error', async () => {
  await expect(resolveDnsaddr('/dnsaddr/list.example', dns({}).lookUp, never)).rejects.toThrow('ENOTFOUND _dnsaddr.list.example')
})
