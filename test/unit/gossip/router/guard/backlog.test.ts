import { expect, test } from 'vitest'
import { Backlog } from '../../../../../src/gossip/router/guard/backlog.ts'

class FakeStream extends EventTarget {
  readStatus = 'readable'
  pause() {
    this.readStatus = 'paused'
  }
  resume() {
    this.readStatus = 'readable'
  }
  arrive(bytes: number) {
    this.dispatchEvent(Object.assign(new Event('message'), { data: new Uint8Array(bytes) }))
  }
}

const RPC = 300_000

test('a stream stops while too much of it waits, and goes on when that is worked on', () => {
  const stream = new FakeStream()
  const backlog = new Backlog(stream as never)
  for (let rpc = 0; rpc < 5; rpc++) stream.arrive(RPC + 3)
  expect(stream.readStatus).toBe('paused')
  backlog.done(RPC)
  expect(stream.readStatus).toBe('paused')
  backlog.done(RPC)
  expect(stream.readStatus).toBe('readable')
})

test('the largest RPC never stops its own stream, however it arrives', () => {
  const stream = new FakeStream()
  const backlog = new Backlog(stream as never)
  const largest = 1 << 20
  for (let round = 0; round < 50; round++) {
    stream.arrive(largest + 3)
    expect(stream.readStatus).toBe('readable')
    backlog.done(largest)
  }
})

test('a closed stream is left alone', () => {
  const stream = new FakeStream()
  const backlog = new Backlog(stream as never)
  stream.readStatus = 'closed'
  stream.arrive(10 << 20)
  backlog.done(1)
  expect(stream.readStatus).toBe('closed')
})
