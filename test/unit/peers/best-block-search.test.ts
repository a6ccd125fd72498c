import { expect, test } from 'vitest'
import { createBestBlockSearch } from '../../../src/peers/best-block-search.ts'
import { eventually } from '../../support/eventually.ts'

function start(isHeard: () => boolean, forMs = 50) {
  let asked = 0
  const stopping = new AbortController()
  const search = createBestBlockSearch(
    { everyMs: 10, forMs },
    { isHeard, ask: async () => void asked++, onError: () => {}, signal: stopping.signal },
  )
  return { search, stopping, asked: () => asked }
}

test('asks until its time is over', async () => {
  const { search, asked } = start(() => true)
  expect(await search.run()).toBe('unanswered')
  expect(asked()).toBe(5)
})

test('an answer ends it', async () => {
  const { search, asked } = start(() => true, 3_600_000)
  const running = search.run()
  await eventually(() => asked() > 0)
  search.answered()
  expect(await running).toBe('answered')
})

test('waits for a peer that listens, and a stop ends the wait', async () => {
  const { search, stopping, asked } = start(() => false)
  const running = search.run()
  stopping.abort()
  expect(await running).toBe('unanswered')
  expect(asked()).toBe(0)
})
