import { expect, onTestFinished, test, vi } from 'vitest'
import type { LogEvent } from '../../../../src/events/event.ts'
import { InstanceAnnouncer } from '../../../../src/events/instances/announce-instance.ts'

const options = { network: 'regtest', bridgeId: 'node-a', instanceId: 'one', version: '1.0.0', dialect: 'plain', everyMs: 60_000 }

test('an instance says that it lives, each minute again, and that it is gone', async () => {
  vi.useFakeTimers()
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const states: string[] = []
  const announcer = new InstanceAnnouncer(options, {
    peerId: () => 'peer',
    eventId: ({ instanceId, receivedAt }) => `${instanceId}-${receivedAt}`,
    toRecord: (event: LogEvent) => {
      if (event.type === 'instance') states.push(event.instance.state)
      return { key: event.id, value: null, headers: {} }
    },
    send: async () => {},
    onError: () => {},
    now: Date.now,
  })
  await announcer.start()
  await vi.advanceTimersByTimeAsync(120_000)
  await announcer.stop()
  expect(states).toEqual(['live', 'live', 'live', 'gone'])
  expect(vi.getTimerCount()).toBe(0)
})

test('an instance that never started says nothing when it stops', async () => {
  const sent: unknown[] = []
  const deps = {
    peerId: () => null,
    eventId: () => 'x',
    toRecord: () => ({ key: '', value: null, headers: {} }),
    onError: () => {},
    now: () => 0,
  }
  await new InstanceAnnouncer(options, { ...deps, send: async (record) => sent.push(record) }).stop()
  expect(sent).toEqual([])
})

test('a stop does not wait for a last word that Kafka does not take', async () => {
  vi.useFakeTimers()
  onTestFinished(() => {
    vi.useRealTimers()
  })
  let isAway = false
  const announcer = new InstanceAnnouncer(options, {
    peerId: () => null,
    eventId: () => 'x',
    toRecord: () => ({ key: '', value: null, headers: {} }),
    send: () => (isAway ? new Promise(() => {}) : Promise.resolve()),
    onError: () => {},
    now: Date.now,
  })
  await announcer.start()
  isAway = true
  const stopped = announcer.stop()
  await vi.advanceTimersByTimeAsync(1000)
  await stopped
  expect(vi.getTimerCount()).toBe(0)
})
