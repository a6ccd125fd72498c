import { expect, onTestFinished, test, vi } from 'vitest'
import type { LogEvent } from '../../../../src/events/event.ts'
import { InstanceIdGuard, InstanceIdTakenError } from '../../../../src/events/instances/instance-id-guard.ts'
import type { EventLogSubscriber } from '../../../../src/events/reading/subscribers.ts'
import { granted } from '../../../support/granted.ts'
import { createTestClock } from '../../../support/test-clock.ts'

const OWN = { bridgeId: 'node-a', network: 'regtest', instanceId: 'one', startId: 'own' }
const never = new AbortController().signal

interface Seen {
  readonly startId?: string
  readonly instanceId?: string
  readonly state?: 'live' | 'gone'
  readonly bridgeId?: string
  readonly isReadBack?: boolean
  /** Age of the record, in milliseconds. */
  readonly age?: number
}

function createGuard() {
  const clock = createTestClock()
  const said: string[] = []
  const logged: string[] = []
  let newcomers = 0
  let offset = 0n
  let subscriber: EventLogSubscriber = {}
  const guard = new InstanceIdGuard(OWN, {
    health: { ready: (detail = 'ok') => void said.push(detail), notReady: (reason) => void said.push(`not ready: ${reason}`) },
    log: { error: (text: string) => void logged.push(text), info: (text: string) => void logged.push(text) } as never,
    clock: { steady: () => performance.now() + clock.steady() },
  })
  guard.onNewcomer(() => void newcomers++)
  guard.follow({
    subscribe(given) {
      subscriber = given
      return () => {}
    },
  })
  const see = ({ startId, instanceId = 'one', state = 'live', bridgeId = 'node-a', isReadBack = false, age = 0 }: Seen) => {
    const instance = { instanceId, startId, peerId: `peer-${startId}`, version: '1', dialect: 'plain', state }
    const base = { id: `${offset}`, network: 'regtest', bridgeId, origin: 'own', peerId: null, receivedAt: 0 } as const
    const event: LogEvent = { ...base, type: 'instance', instance }
    subscriber.onEntries?.({ entries: [{ event, offset: offset++, timestamp: clock.wall() - age }], next: offset, isReadBack })
  }
  return { guard, clock, said, logged, see, newcomers: () => newcomers }
}

test('a process alone with its id starts at once, also where its id was used before and given back', async () => {
  const { guard, see, said } = createGuard()
  see({ startId: 'before', isReadBack: true })
  see({ startId: 'before', state: 'gone', isReadBack: true })
  see({ startId: 'long ago', age: 200_000, isReadBack: true })
  see({ startId: 'sibling', instanceId: 'two', isReadBack: true })
  see({ startId: 'stranger', bridgeId: 'node-b' })
  see({ startId: 'own' })
  vi.useFakeTimers() // the guard's clock stands still, so a wait would not end
  onTestFinished(() => void vi.useRealTimers())
  await guard.refuseIfTaken(never)
  expect(guard.isShared()).toBe(false)
  expect(said).toEqual(['ok'])
})

test('the later process is refused when the earlier one answers, whatever the release of the earlier one', async () => {
  for (const startId of ['earlier', undefined]) {
    const { guard, see } = createGuard()
    see({ ...(startId ? { startId } : {}), isReadBack: true, age: 50_000 })
    see({ startId: 'own' })
    const refused = expect(guard.refuseIfTaken(never)).rejects.toThrow(InstanceIdTakenError)
    see(startId ? { startId } : {})
    await refused
  }
})

test('of two processes that start at once, the one whose record comes second is refused', async () => {
  const first = createGuard()
  const second = createGuard()
  for (const { see } of [first, second]) see({ startId: 'crashed', isReadBack: true })
  first.see({ startId: 'own' })
  first.see({ startId: 'other' })
  second.see({ startId: 'other' })
  second.see({ startId: 'own' })
  await first.guard.refuseIfTaken(never)
  await expect(second.guard.refuseIfTaken(never)).rejects.toThrow('"one" (peer id peer-other, version 1): give each process')
})

test('a process that is started again after a crash is not refused for its own old record', async () => {
  const { guard, see } = createGuard()
  see({ startId: 'crashed', isReadBack: true })
  see({ startId: 'own' })
  await guard.refuseIfTaken(never)
  expect(guard.isShared()).toBe(false)
})

test('a second process is answered once and said, until it is gone or has not been heard for 150 s', () => {
  const { guard, see, said, logged, newcomers, clock } = createGuard()
  see({ startId: 'own' })
  see({ startId: 'other' })
  see({ startId: 'other' })
  expect(newcomers()).toBe(1)
  expect(guard.isShared()).toBe(true)
  expect(said.at(-1)).toContain('another process is running with the instance_id "one"')
  see({ startId: 'other', state: 'gone' })
  expect(said.at(-1)).toBe('ok')
  see({ startId: 'third' })
  expect(newcomers()).toBe(2)
  clock.pass(151_000)
  see({ startId: 'own' })
  expect([guard.isShared(), said.at(-1)]).toEqual([false, 'ok'])
  expect(logged).toHaveLength(4)
})

test('a process that nobody answers does not wait longer than a second for its own record', async () => {
  const { guard } = createGuard()
  const before = performance.now()
  await guard.refuseIfTaken(never)
  expect(performance.now() - before).toBeLessThan(granted(1000))
})
