import { expect, test } from 'vitest'
import { GossipStoppedError, OutboundFullError } from '../../../../src/gossip/errors.ts'
import { OutboundPacer, type OutboundPacerOptions, type Priority } from '../../../../src/gossip/messages/outbound-pacer.ts'

/** A pacer with its own clock; `log` has the name and time of each message that had its turn. */
function start(options: OutboundPacerOptions) {
  let time = 0
  let isClogged = false
  let timer: { at: number; callback: () => void } | undefined
  const log: [string, number][] = []
  const pacer = new OutboundPacer(options, {
    now: () => time,
    isClogged: () => isClogged,
    schedule(delayMs, callback) {
      const mine = { at: time + delayMs, callback }
      timer = mine
      return () => {
        if (timer === mine) timer = undefined
      }
    },
  })
  return {
    pacer,
    log,
    hasTimer: () => timer !== undefined,
    clog: (value: boolean) => {
      isClogged = value
    },
    send: (name: string, priority: Priority = 'high', bytes = 1, topic = 'a') =>
      pacer.turn({ priority, topic, bytes }).then(() => log.push([name, time])),
    async advance(ms: number) {
      const until = time + ms
      while (timer !== undefined && timer.at <= until) {
        const { at, callback } = timer
        time = at
        timer = undefined
        callback()
        await Promise.resolve()
      }
      time = until
      await new Promise(setImmediate)
    },
  }
}

test('a burst goes at once, the rest at the rate', async () => {
  const { send, log, advance, pacer } = start({ ratePerSecond: 100, burst: 3 })
  for (let i = 0; i < 6; i++) void send(`${i}`)
  await advance(0)
  expect(log.map(([name]) => name)).toEqual(['0', '1', '2'])
  expect(pacer.queued()).toEqual({ messages: 3, bytes: 3 })
  await advance(100)
  expect(log.slice(3)).toEqual([
    ['3', 10],
    ['4', 20],
    ['5', 30],
  ])
  expect(pacer.queued()).toEqual({ messages: 0, bytes: 0 })
})

test('never exceeds the rate over a long time', async () => {
  const { send, log, advance } = start({ ratePerSecond: 200, burst: 30, maxQueuedMessages: 5000 })
  for (let i = 0; i < 3000; i++) void send(`${i}`)
  await advance(10_000)
  expect(log.length).toBeGreaterThanOrEqual(2020)
  expect(log.length).toBeLessThanOrEqual(2030)
})

test('high goes before low, however long low has waited', async () => {
  const { send, log, advance } = start({ ratePerSecond: 10, burst: 1 })
  void send('first')
  void send('low', 'low')
  void send('high 1')
  void send('high 2')
  await advance(1000)
  expect(log.map(([name]) => name)).toEqual(['first', 'high 1', 'high 2', 'low'])
})

test('low has its own bucket and never delays high', async () => {
  const { send, log, advance } = start({ ratePerSecond: 1000, burst: 1000, lowRatePerSecond: 10, lowBurst: 2 })
  for (let i = 0; i < 4; i++) void send(`low ${i}`, 'low')
  await advance(0)
  void send('high')
  await advance(0)
  expect(log.map(([name]) => name)).toEqual(['low 0', 'low 1', 'high'])
  await advance(200)
  expect(log.slice(3)).toEqual([
    ['low 2', 100],
    ['low 3', 200],
  ])
})

test('a rate of 0 lets everything go at once', async () => {
  const { send, log, advance } = start({ ratePerSecond: 0 })
  for (let i = 0; i < 5000; i++) void send(`${i}`, i % 2 === 0 ? 'high' : 'low')
  await advance(0)
  expect(log).toHaveLength(5000)
})

test.each([
  ['messages', { maxQueuedMessages: 2 }, 1],
  ['bytes', { maxQueuedBytes: 10 }, 5],
])('rejects a message when too many %s wait', async (_, bounds, bytes) => {
  const { send, log, advance } = start({ ratePerSecond: 1, burst: 1, ...bounds })
  await send('now', 'high', bytes)
  void send('waits 1', 'high', bytes)
  void send('waits 2', 'high', bytes)
  await expect(send('one too many', 'high', bytes)).rejects.toThrow(OutboundFullError)
  void send('of another kind', 'high', bytes, 'b')
  await advance(4000)
  await send('later', 'high', bytes)
  expect(log.map(([name]) => name)).toEqual(['now', 'waits 1', 'of another kind', 'waits 2', 'later'])
})

test('sends nothing while every peer is full, then everything in order', async () => {
  const { send, log, advance, clog } = start({ ratePerSecond: 0, cloggedRetryMs: 20 })
  clog(true)
  void send('a')
  void send('b', 'low')
  void send('c')
  await advance(1000)
  expect(log).toEqual([])
  clog(false)
  await advance(20)
  expect(log.map(([name]) => name)).toEqual(['a', 'c', 'b'])
})

test('stop rejects waiting and later messages, and leaves no timer', async () => {
  const { send, pacer, hasTimer } = start({ ratePerSecond: 1, burst: 1 })
  await send('now')
  const waiting = send('waits', 'low')
  expect(hasTimer()).toBe(true)
  pacer.stop()
  await expect(waiting).rejects.toThrow(GossipStoppedError)
  await expect(send('after')).rejects.toThrow(GossipStoppedError)
  expect(hasTimer()).toBe(false)
  expect(pacer.queued()).toEqual({ messages: 0, bytes: 0 })
})

test('topics of one priority have their turns one after the other: a block waits for one subtree, not for a hundred', async () => {
  const { send, log, advance } = start({ ratePerSecond: 10, burst: 1 })
  for (let i = 0; i < 100; i++) void send(`subtree ${i}`, 'high', 1, 'subtree')
  void send('block', 'high', 1, 'block')
  void send('mining-on', 'high', 1, 'mining-on')
  await advance(400)
  expect(log.map(([name]) => name)).toEqual(['subtree 0', 'subtree 1', 'block', 'mining-on', 'subtree 2'])
})

test('a message that gives up its turn leaves its place to the next', async () => {
  const { pacer, send, log, advance } = start({ ratePerSecond: 10, burst: 1 })
  await send('now')
  const giveWay = new AbortController()
  const reason = new Error('a later one is there')
  const given = pacer.turn({ priority: 'high', topic: 'a', bytes: 5, signal: giveWay.signal })
  void send('later')
  giveWay.abort(reason)
  await expect(given).rejects.toBe(reason)
  expect(pacer.queued()).toEqual({ messages: 1, bytes: 1 })
  await advance(100)
  expect(log.map(([name]) => name)).toEqual(['now', 'later'])
  await expect(pacer.turn({ priority: 'high', topic: 'a', bytes: 5, signal: giveWay.signal })).rejects.toBe(reason)
})

test('a reload changes the rate for what waits too', async () => {
  const options = { ratePerSecond: 1, burst: 1 }
  const { send, log, advance } = start(options)
  for (let i = 0; i < 12; i++) void send(`${i}`)
  await advance(1000)
  expect(log).toHaveLength(2)
  options.ratePerSecond = 10
  await advance(2000)
  expect(log).toHaveLength(12)
})
