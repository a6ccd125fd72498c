/**
 * Lets one task run per turn of the event loop, in order. All replays of a process share it: a piece of one replay, then the live
 * events that have arrived, then a piece of the next.
 */
export function createTurns(): () => Promise<void> {
  const waiting: (() => void)[] = []
  let isRunning = false
  const run = () => {
    const next = waiting.shift()
    isRunning = next !== undefined
    if (!next) return
    next()
    setImmediate(run)
  }
  return () =>
    new Promise<void>((resolve) => {
      waiting.push(resolve)
      if (isRunning) return
      isRunning = true
      setImmediate(run)
    })
}
