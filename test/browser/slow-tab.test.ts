import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { granted } from '../support/granted.ts'
import { isLive, openPage, rowIds, startBrowser, startDashboard } from './start-page.ts'

let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

/** More than the buffers of Chromium and of the kernel hold together. */
const MOST_BATCHES = 100
const LONG = 'x'.repeat(4000)

test('a tab that was frozen is cut off, goes on when it wakes up, and says where events are missing', async () => {
  const { http, server, happen, events, log } = await startDashboard({ limits: { slowClientBytes: 64 * 1024 } })
  await happen(events.block())
  const { page, complaints } = await openPage(browser, `${http}/`)
  await isLive(page)
  const session = await page.context().newCDPSession(page)
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  for (let batch = 0; batch < MOST_BATCHES && server.clientCount() > 0; batch++) {
    await happen(...Array.from({ length: 100 }, () => events.rejectedTx(LONG)))
  }
  await eventually(() => expect(server.clientCount()).toBe(0))
  await happen(...Array.from({ length: 1200 }, () => events.subtree())) // more than the page asks for when it comes back
  await session.send('Page.setWebLifecycleState', { state: 'active' })
  await eventually(() => expect(server.clientCount()).toBe(1))
  await happen(events.block())
  const newest = log.entries.at(-1)?.event.id
  await eventually(async () => expect((await rowIds(page))[0]).toBe(newest))
  await isLive(page)
  await page.getByRole('button', { name: /^Subtrees/ }).click()
  await eventually(async () => expect(await page.locator('#feed .gap').textContent()).toContain('too many came while this page was away'))
  expect(complaints).toEqual([])
})

test('the page paints soon, by what Chromium measures', async () => {
  const { http } = await startDashboard()
  const { page } = await openPage(browser, `${http}/`)
  const paintMs = () => page.evaluate<number>(`performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1`)
  await eventually(async () => expect(await paintMs()).toBeGreaterThan(0))
  console.log(`first paint after ${Math.round(await paintMs())} ms`)
  expect(await paintMs()).toBeLessThan(granted(5000))
})
