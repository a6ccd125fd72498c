import { expect, test } from 'vitest'
import { type PlayDeps, play } from '../../../../src/cli/simulator/play.ts'
import type { SimulatedEvent } from '../../../../src/cli/simulator/simulation.ts'
import { eventually } from '../../../support/eventually.ts'

const OPTIONS = { forMs: Number.POSITIVE_INFINITY, maxUnacknowledged: 10, drainMs: 60_000 }

function eventsAt(...times: number[]): SimulatedEvent[] {
  const value = { txHash: '', reason: '', peerId: null }
  return times.map((atMs) => ({ atMs, node: 0, role: 'rejectedTx', type: 'rejected-tx', key: `at ${atMs}`, value }))
}

function* endless(): Generator<SimulatedEvent> {
  for (let at = 0; ; at++) yield* eventsAt(at)
}

function depsFor(events: Iterable<SimulatedEvent>, deps: Partial<PlayDeps> = {}): PlayDeps {
  return { events, send: async () => {}, produced: () => {}, signal: new AbortController().signal, now: () => performance.now(), ...deps }
}

test('sends each event at its time and returns the number of acknowledged records', async () => {
  const startedAt = performance.now()
  const sent: number[] = []
  const send = async () => void sent.push(performance.now() - startedAt)
  expect(await play(OPTIONS, depsFor(eventsAt(0, 40, 40, 80), { send }))).toMatchObject({ acknowledged: 4, unacknowledged: 0 })
  for (const [index, atMs] of [0, 40, 40, 80].entries()) expect(sent[index]).toBeGreaterThanOrEqual(atMs - 2)
})

test('ends at its time limit, and sends no later event', async () => {
  const { acknowledged, seconds } = await play({ ...OPTIONS, forMs: 3000 }, depsFor(eventsAt(0, 20, 600_000)))
  expect(acknowledged).toBe(2)
  expect(seconds).toBeGreaterThanOrEqual(2.998)
})

test('ends in time even if it cannot keep up', async () => {
  const send = () => new Promise<void>((resolve) => void setTimeout(resolve, 20))
  const { acknowledged } = await play({ ...OPTIONS, forMs: 60, maxUnacknowledged: 1 }, depsFor(endless(), { send }))
  expect(acknowledged).toBeLessThanOrEqual(5)
})

test('reports a record only when it is acknowledged, with the time at which it went out', async () => {
  const produced: { key: string; at: number }[] = []
  const answers: (() => void)[] = []
  const send = () => new Promise<void>((resolve) => void answers.push(resolve))
  const playing = play(OPTIONS, depsFor(eventsAt(20), { send, produced: ({ key }, at) => void produced.push({ key, at }) }))
  await eventually(() => expect(answers).toHaveLength(1))
  expect(produced).toEqual([])
  const answeredAt = performance.now()
  answers[0]?.()
  await playing
  expect(produced).toHaveLength(1)
  expect(produced[0]?.at).toBeLessThan(answeredAt)
})

test('pauses while too many records are unacknowledged', async () => {
  const answers: (() => void)[] = []
  const stop = new AbortController()
  const send = () => new Promise<void>((resolve) => void answers.push(resolve))
  const playing = play({ ...OPTIONS, maxUnacknowledged: 3, drainMs: 50 }, depsFor(endless(), { send, signal: stop.signal }))
  await eventually(() => expect(answers).toHaveLength(3))
  answers[1]?.()
  await eventually(() => expect(answers).toHaveLength(4))
  stop.abort()
  expect(await playing).toMatchObject({ acknowledged: 1, unacknowledged: 3 })
})

test('stops at once when aborted, even during a pause', async () => {
  const stop = new AbortController()
  const send = async () => stop.abort()
  expect(await play(OPTIONS, depsFor(eventsAt(0, 600_000), { send, signal: stop.signal }))).toMatchObject({ acknowledged: 1 })
})

test('fails with the error of a record that is refused', async () => {
  const send = () => Promise.reject(new Error('no such topic'))
  await expect(play(OPTIONS, depsFor(endless(), { send }))).rejects.toThrow('no such topic')
})
