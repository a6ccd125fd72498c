import '../../src/lifecycle/promise-with-resolvers.ts'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll } from 'vitest'
import { leftovers, takeSnapshot } from './leftovers.ts'

/** Sockets and child processes take some time to close after a stop: kafkajs waits for outstanding answers. Shorter than every hook may take. */
const GRACE_MS = 60_000

const before = takeSnapshot()

// Registered before any hook of the test file, so it runs after all of them.
afterAll(async () => {
  const until = Date.now() + GRACE_MS
  let left = leftovers(before, takeSnapshot())
  while (left.length > 0 && Date.now() < until) {
    await pause(50)
    left = leftovers(before, takeSnapshot())
  }
  if (left.length > 0) {
    throw new Error(
      `this test file leaves behind, ${GRACE_MS / 1000} s after its last test:\n  ${left.join('\n  ')}\nStop what a test starts: onTestFinished, afterAll, or onEnd() of test/support`,
    )
  }
})
