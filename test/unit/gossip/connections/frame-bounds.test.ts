import type { Connection } from '@libp2p/interface'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { boundFrames } from '../../../../src/gossip/connections/frame-bounds.ts'
import { MAX_FRAME_BYTES } from '../../../../src/gossip/node/transport/largest-frame.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A connection whose muxer reads frames of 12 bytes, or waits for a larger one. */
function connection({ messagesPerSecond = 100 } = {}) {
  const listeners: ((event: { error?: Error }) => void)[] = []
  const refused: string[] = []
  const calls: string[] = []
  const maConn = {
    readStatus: 'readable',
    maxWriteBufferLength: Number.POSITIVE_INFINITY,
    pause() {
      calls.push('pause')
      maConn.readStatus = 'paused'
    },
    resume() {
      calls.push('resume')
      maConn.readStatus = 'readable'
    },
    addEventListener: (_: string, listener: (event: { error?: Error }) => void) => listeners.push(listener),
  }
  const muxer = {
    decoder: { buffer: { byteLength: 0 } },
    maConn,
    handled: 0,
    handleFrame() {
      muxer.handled += 1
    },
    onData({ byteLength }: { byteLength: number }) {
      for (let at = 0; at < byteLength; at += 12) muxer.handleFrame()
    },
  }
  let now = 0
  boundFrames({ muxer } as unknown as Connection, { messagesPerSecond }, { onRefused: (reason) => refused.push(reason), now: () => now })
  return {
    maConn,
    muxer,
    refused,
    calls,
    frames: (count: number) => muxer.onData({ byteLength: 12 * count }),
    close: (error?: Error) => {
      maConn.readStatus = 'closed'
      for (const listener of listeners) listener(error ? { error } : {})
    },
    async pass(ms: number) {
      now += ms
      await vi.advanceTimersByTimeAsync(ms)
    },
  }
}

test('a frame above the largest one is refused, and one that is not there yet is waited for', () => {
  const { muxer, refused, frames } = connection()
  muxer.decoder.buffer.byteLength = 12 + MAX_FRAME_BYTES
  frames(1)
  expect(refused).toEqual([])
  muxer.decoder.buffer.byteLength += 1
  expect(() => frames(1)).toThrow('a frame of more than')
  expect(refused).toEqual(['oversize-frame'])
})

test('frames within the rate are not held up, those above it are, for as long as they were too many', async () => {
  const { muxer, calls, refused, frames, pass } = connection()
  frames(900)
  await pass(0)
  expect([calls, refused]).toEqual([[], []])
  frames(600)
  await pass(0)
  expect([muxer.handled, calls, refused]).toEqual([1500, ['pause'], ['slowed-down']])
  await pass(950)
  expect(calls).toEqual(['pause'])
  await pass(100)
  expect(calls).toEqual(['pause', 'resume'])
})

test('what a connection hands over while it resumes makes it wait again', async () => {
  const { maConn, calls, frames, pass } = connection()
  frames(1500)
  await pass(0)
  const { resume } = maConn
  maConn.resume = () => {
    frames(500)
    resume()
    maConn.resume = resume
  }
  await pass(1100)
  expect(calls).toEqual(['pause', 'resume', 'pause'])
  await pass(2000)
  expect(calls).toEqual(['pause', 'resume', 'pause', 'resume'])
})

test('a connection that is closed is left alone', async () => {
  const { calls, frames, close, pass } = connection()
  frames(2000)
  await pass(0)
  close()
  await pass(60_000)
  expect(calls).toEqual(['pause'])
  frames(2000)
  await pass(60_000)
  expect(calls).toEqual(['pause'])
})

test('without an inbound rate nothing is held up', async () => {
  const { calls, refused, frames, pass } = connection({ messagesPerSecond: 0 })
  frames(1_000_000)
  await pass(0)
  expect([calls, refused]).toEqual([[], []])
})

test('a connection that keeps too much for a peer that does not read is ended by libp2p, and counted', () => {
  const { maConn, refused, close } = connection()
  expect(maConn.maxWriteBufferLength).toBe(2 << 20)
  close(Object.assign(new Error('too much'), { name: 'StreamBufferError' }))
  expect(refused).toEqual(['unread-answers'])
})
