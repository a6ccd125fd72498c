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
  async arrive(bytes: number) {
    this.dispatchEvent(Object.assign(new Event('message'), { data: new Uint8Array(bytes) }))
    await undefined
  }
}

const RPC = 300_000

test('a stream stops while too much of it waits, and goes on when that is worked on', async () => {
  const stream = new FakeStream()
  const backlog = new Backlog(stream as never)
  for (let rpc = 0; rpc < 5; rpc++) await stream.arrive(RPC + 3)
  expect(stream.readStatus).toBe('paused')
  backlog.done(RPC)
  expect(stream.readStatus).toBe('paused')
  backlog.done(RPC)
  expect(stream.readStatus).toBe('readable')
})

test('the largest RPC never stops its own stream, however it arrives', async () => {
  const stream = new FakeStream()
  const backlog = new Backlog(stream as never)
  const largest = 1 << 20
  for (let round = 0; round < 50; round++) {
    await stream.arrive(largest + 3)
    expect(stream.readStatus).toBe('readable')
    backlog.done(largest)
  }
})

test('a closed stream is left alone', async () => {
  const stream = new FakeStream()
  const backlog = new Backlog(stream as never)
  stream.readStatus = 'closed'
  await stream.arrive(10 << 20)
  backlog.done(1)
  expect(stream.readStatus).toBe('closed')
})
