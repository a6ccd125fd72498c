import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { LogEvent } from '../../../../src/events/event.ts'
import { InstanceAnnouncer } from '../../../../src/events/instances/announce-instance.ts'
import { Pulse } from '../../../../src/events/instances/pulse.ts'

const options = { network: 'regtest', bridgeId: 'node-a', instanceId: 'one', version: '1.0.0', dialect: 'plain', peerId: 'peer' }

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

function announcer(append: (event: LogEvent) => Promise<unknown>) {
  const clock = { wall: () => Date.now(), steady: () => performance.now() }
  const pulse = new Pulse({ bridgeId: 'node-a', hasOwnRecords: true }, { clock })
  pulse.watch('event-log')
  return { pulse, made: new InstanceAnnouncer(options, { append, pulse, log: { debug: () => {} }, clock }) }
}

test('an instance announces at start and each minute that it is alive, and at stop that it is gone', async () => {
  const events: LogEvent[] = []
  const { made, pulse } = announcer(async (event) => events.push(event))
  await made.start()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(pulse.ages()).toEqual([['event-log', 0]])
  await made.stop()
  expect(events.map((event) => event.type === 'instance' && event.instance.state)).toEqual(['live', 'live', 'live', 'gone'])
  expect(new Set(events.map(({ id }) => id)).size).toBe(4)
  expect(vi.getTimerCount()).toBe(0)
})

test('an instance that never started writes nothing when it stops', async () => {
  const events: LogEvent[] = []
  await announcer(async (event) => events.push(event)).made.stop()
  expect(events).toEqual([])
})

test('a stop does not wait for a last record that Kafka does not accept', async () => {
  let isAway = false
  const { made } = announcer(() => (isAway ? new Promise(() => {}) : Promise.resolve()))
  await made.start()
  isAway = true
  const stopped = made.stop()
  await vi.advanceTimersByTimeAsync(1000)
  await stopped
  expect(vi.getTimerCount()).toBe(0)
})
