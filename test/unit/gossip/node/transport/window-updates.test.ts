import { expect, test } from 'vitest'
import { updateWindowsByHalf } from '../../../../../src/gossip/node/transport/window-updates.ts'

const SYN_RECEIVED = 2
const ESTABLISHED = 3
const PAUSED = 5

function stream(state: number, recvWindowCapacity: number) {
  let updates = 0
  const sendWindowUpdate = () => {
    updates += 1
  }
  const prototype = { state, recvWindow: 256, recvWindowCapacity, sendWindowUpdate }
  updateWindowsByHalf(prototype)
  updateWindowsByHalf(prototype)
  prototype.sendWindowUpdate()
  return updates
}

test.each([
  ['hardly used', ESTABLISHED, 255, 0],
  ['used less than half', ESTABLISHED, 129, 0],
  ['used half', ESTABLISHED, 128, 1],
  ['used up', ESTABLISHED, 0, 1],
  ['hardly used, and the peer waits for the flag that accepts its stream', SYN_RECEIVED, 255, 1],
  ['hardly used, and nothing is read: libp2p sends nothing by itself', PAUSED, 255, 1],
])('a window that is %s', (_, state, left, updates) => {
  expect(stream(state, left)).toBe(updates)
})
