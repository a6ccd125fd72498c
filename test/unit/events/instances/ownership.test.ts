import { expect, onTestFinished, test, vi } from 'vitest'
import type { LogEvent } from '../../../../src/events/event.ts'
import { Ownership } from '../../../../src/events/instances/ownership.ts'

type InstanceEvent = Extract<LogEvent, { type: 'instance' }>

function instance({ bridgeId = 'node-a', network = 'regtest', dialect = 'plain', state = 'live' as 'live' | 'gone' } = {}): InstanceEvent {
  const base = { id: 'i', network, bridgeId, origin: 'own', peerId: null, receivedAt: 0 } as const
  return { ...base, type: 'instance', instance: { instanceId: bridgeId, peerId: null, version: '1', dialect, state } }
}

function ownership() {
  vi.useFakeTimers()
  const said: string[] = []
  const health = { ready: () => void said.push('ready'), notReady: (reason: string) => void said.push(reason) }
  const made = new Ownership(
    { bridgeId: 'node-a', network: 'regtest', dialect: 'plain' },
    { health, log: { error: () => {} } as never, clock: { steady: () => performance.now() } },
  )
  onTestFinished(() => {
    made.stop()
    vi.useRealTimers()
  })
  return { made, said }
}

test.each([
  ['another bridge', { bridgeId: 'node-b' }, 'bridge_id "node-b", this bridge has "node-a"'],
  ['another network', { network: 'mainnet' }, 'network "mainnet", this bridge has "regtest"'],
  ['another dialect', { dialect: 'envelope' }, 'gossip_dialect "envelope", this bridge has "plain"'],
])('an instance record of %s reports that the event log is shared by mistake, and the fix', (_, found, text) => {
  const { made, said } = ownership()
  made.observe(instance(found))
  expect(said.at(-1)).toContain(text)
  expect(said.at(-1)).toContain('topic_prefix')
})

test('a bridge may write at once, unless only another bridge is alive in its event log; then after that has gone', async () => {
  const { made, said } = ownership()
  await made.untilOurs()
  made.observe(instance({ bridgeId: 'node-b' }))
  let mayWrite = false
  const waiting = made.untilOurs().then(() => {
    mayWrite = true
  })
  await vi.advanceTimersByTimeAsync(149_000)
  expect(mayWrite).toBe(false)
  await vi.advanceTimersByTimeAsync(2000)
  await waiting
  expect(said.at(-1)).toBe('ready')
  await vi.advanceTimersByTimeAsync(1000)
  expect(vi.getTimerCount()).toBe(0)
})

test('the rightful bridge may write although another one is alive there too', async () => {
  const { made } = ownership()
  made.observe(instance())
  made.observe(instance({ bridgeId: 'node-b' }))
  await made.untilOurs()
})

test('a foreign instance that reports its end, and an event log that is created again, end it at once', () => {
  const { made, said } = ownership()
  made.observe(instance({ bridgeId: 'node-b' }))
  made.observe(instance({ bridgeId: 'node-b', state: 'gone' }))
  expect(said.at(-1)).toBe('ready')
  made.observe(instance({ bridgeId: 'node-b' }))
  made.restart()
  expect(said.at(-1)).toBe('ready')
})

test('a stop ends the wait', async () => {
  const { made } = ownership()
  made.observe(instance({ bridgeId: 'node-b' }))
  const waiting = expect(made.untilOurs()).rejects.toThrow('stopped')
  made.stop()
  await waiting
  await vi.advanceTimersByTimeAsync(0)
  expect(vi.getTimerCount()).toBe(0)
})
