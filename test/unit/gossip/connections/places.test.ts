import { multiaddr } from '@multiformats/multiaddr'
import { expect, test } from 'vitest'
import { Places } from '../../../../src/gossip/connections/places.ts'

function create({ maxConnections = 10, maxPerAddress = 4, known = [] as string[] } = {}) {
  const places = new Places({ maxConnections, maxPerAddress }, { known: { has: (peerId) => known.includes(peerId), all: () => known } })
  let peers = 0
  const socketFrom = (ip: string) =>
    Object.assign(new EventTarget(), { remoteAddr: multiaddr(`/${ip.includes(':') ? 'ip6' : 'ip4'}/${ip}/tcp/1`) })
  /** What becomes of a connection that is opened and identified. */
  const come = (ip: string, peerId = `stranger ${++peers}`) => {
    const socket = socketFrom(ip) as never
    const refusal = places.accept(socket) ?? places.identify(socket, peerId)
    if (refusal) leave(socket)
    return { refusal, socket }
  }
  const leave = (socket: unknown) => void (socket as EventTarget).dispatchEvent(new Event('close'))
  return { places, come, leave, socketFrom }
}

test('strangers of one address have a bound, which says nothing about others', () => {
  const { come, leave } = create()
  const first = come('203.0.113.1')
  expect(Array.from({ length: 4 }, () => come('203.0.113.1').refusal)).toEqual([undefined, undefined, undefined, 'no-place-for-address'])
  expect(come('203.0.113.2').refusal).toBeUndefined()
  leave(first.socket)
  expect(come('203.0.113.1').refusal).toBeUndefined()
})

test('an IPv6 /64 counts as one address, and IPv4 in IPv6 as IPv4', () => {
  const { come } = create({ maxPerAddress: 2 })
  expect(come('2001:db8::1').refusal).toBeUndefined()
  expect(come('2001:db8::2:1').refusal).toBeUndefined()
  expect(come('2001:db8::3').refusal).toBe('no-place-for-address')
  expect(come('2001:db8:0:1::1').refusal).toBeUndefined()
  expect(['203.0.113.1', '::ffff:203.0.113.1', '203.0.113.1'].map((ip) => come(ip).refusal)).toEqual([
    undefined,
    undefined,
    'no-place-for-address',
  ])
})

test('sockets that wait for their handshake have a bound in all, and those that have ended it count no more', () => {
  const { places, socketFrom, leave } = create({ maxConnections: 1000 })
  const sockets = Array.from({ length: 100 }, (_, i) => socketFrom(`203.0.${i}.1`) as never)
  expect(sockets.map((socket) => places.accept(socket)).filter((refusal) => refusal !== undefined)).toEqual([])
  expect(places.accept(socketFrom('203.0.113.1') as never)).toBe('no-place')
  places.identify(sockets[0] as never, 'stranger')
  expect(places.accept(socketFrom('203.0.113.1') as never)).toBeUndefined()
  expect(places.accept(socketFrom('203.0.113.2') as never)).toBe('no-place')
  leave(sockets[1])
  expect(places.accept(socketFrom('203.0.113.2') as never)).toBeUndefined()
})

test('three strangers of one address do not take all of three places', () => {
  const { come } = create({ maxConnections: 3, known: ['static'] })
  expect([1, 2, 3].map(() => come('203.0.113.1').refusal)).toEqual([undefined, undefined, 'no-place'])
  expect(come('203.0.113.1', 'static').refusal).toBeUndefined()
})

test('strangers of many addresses leave a fifth of the places, or one for each known peer, up to a half', () => {
  const taken = (known: string[]) => {
    const { come } = create({ maxConnections: 100, known })
    return Array.from({ length: 100 }, (_, i) => come(`203.0.113.${i}`)).filter(({ refusal }) => refusal === undefined).length
  }
  expect(taken([])).toBe(80)
  expect(taken(Array.from({ length: 30 }, (_, i) => `known ${i}`))).toBe(70)
  expect(taken(Array.from({ length: 99 }, (_, i) => `known ${i}`))).toBe(50)
})

test('strangers that we dialled take no place that is kept, so a known peer comes in whoever dialled the others', () => {
  const { places, come, socketFrom } = create({ maxConnections: 10, known: ['static', 'bootstrap'] })
  for (let i = 0; i < 8; i++) places.dialled(socketFrom(`203.0.113.${i}`) as never, `found ${i}`)
  expect(come('198.51.100.1').refusal).toBe('no-place')
  expect(['static', 'bootstrap'].map((peerId) => come('198.51.100.1', peerId).refusal)).toEqual([undefined, undefined])
  expect(places.size).toBe(10)
})

test('a known peer comes in behind an address whose places are taken', () => {
  const { come } = create({ known: ['static'] })
  for (let i = 0; i < 5; i++) come('203.0.113.1')
  expect(come('203.0.113.1', 'static').refusal).toBeUndefined()
})

test('sockets that never complete their handshake are bounded, and forgotten when they close', () => {
  const { places, leave, socketFrom } = create()
  const sockets = Array.from({ length: 9 }, () => socketFrom('203.0.113.1') as never)
  expect(sockets.map((socket) => places.accept(socket)).filter((refusal) => refusal === undefined)).toHaveLength(8)
  sockets.forEach(leave)
  expect(places.size).toBe(0)
})

test('a peer that we dialled counts as one of its address', () => {
  const { places, come, socketFrom } = create({ maxPerAddress: 1 })
  places.dialled(socketFrom('203.0.113.1') as never, 'found')
  expect(come('203.0.113.1').refusal).toBe('no-place-for-address')
})
