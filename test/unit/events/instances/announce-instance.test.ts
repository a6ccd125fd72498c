import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { LogEvent } from '../../../../src/events/event.ts'
import { InstanceAnnouncer } from '../../../../src/events/instances/announce-instance.ts'
import { InstanceIdTakenError } from '../../../../src/events/instances/instance-id-guard.ts'
import { Pulse } from '../../../../src/events/instances/pulse.ts'
import { Listeners } from '../../../../src/lifecycle/listeners.ts'

const options = {
  network: 'regtest',
  bridgeId: 'node-a',
  instanceId: 'one',
  startId: 'start-1',
  version: '1.0.0',
  dialect: 'plain',
  peerId: 'peer',
}

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

function announcer(append: (event: LogEvent) => Promise<unknown>, refuseIfTaken = async () => {}) {
  const newcomers = new Listeners()
  const guard = { onNewcomer: (listener: () => void) => newcomers.add(listener), refuseIfTaken }
  const clock = { wall: () => Date.now(), steady: () => performance.now() }
  const pulse = new Pulse({ bridgeId: 'node-a', hasOwnRecords: true }, { clock })
  pulse.watch('event-log')
  return { pulse, newcomers, made: new InstanceAnnouncer(options, { append, pulse, guard, log: { debug: () => {} }, clock }) }
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

test('a process that appears with the same instance id gets an answer at once, until this one stops', async () => {
  const states: string[] = []
  const { made, newcomers } = announcer(async (event) => event.type === 'instance' && states.push(event.instance.state))
  await made.start()
  newcomers.emit()
  expect(states).toEqual(['live', 'live'])
  await made.stop()
  newcomers.emit()
  expect(states).toEqual(['live', 'live', 'gone'])
})

test('a process whose instance id is taken does not start, and its one record does not stand for a living process', async () => {
  const states: string[] = []
  const { made } = announcer(
    async (event) => event.type === 'instance' && states.push(event.instance.state),
    async () => {
      throw new InstanceIdTakenError('taken')
    },
  )
  await expect(made.start()).rejects.toThrow('taken')
  await made.stop()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(states).toEqual(['live', 'gone'])
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
