import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { FakeLog } from '../integration/websocket/fake-log.ts'
import { eventually } from '../support/eventually.ts'
import { granted } from '../support/granted.ts'
import { SampleEvents } from './sample-events.ts'
import { isLive, openPage, rowIds, startBrowser, startDashboard } from './start-page.ts'

let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

test('shows who it is, the last hundred events, and each new one as it happens', async () => {
  const { http, happen, events, log } = await startDashboard()
  await happen(events.block(), events.miningOn(), ...Array.from({ length: 150 }, () => events.subtree()))
  const { page, complaints } = await openPage(browser, `${http}/`)
  await isLive(page)
  await eventually(async () => expect(await rowIds(page)).toHaveLength(100))
  await eventually(async () => expect(await page.title()).toBe('node-a · gossip-bridge'))
  await eventually(async () => expect(await page.locator('#node-name').textContent()).toBe('node-a'))
  await eventually(async () => expect(await page.locator('#network').textContent()).toBe('regtest'))
  // Known although it is not among the last hundred.
  await eventually(async () => expect(await page.locator('#tip-height').textContent()).toBe('850,001'))
  const block = events.block(Date.now(), { origin: 'own' })
  await happen(block, events.rejectedTx('fee too low'))
  await eventually(async () => expect(await page.locator('#tip-height').textContent()).toBe('850,002'))
  await eventually(async () =>
    expect((await rowIds(page)).slice(0, 2)).toEqual(
      log.entries
        .slice(-2)
        .map(({ event }) => event.id)
        .reverse(),
    ),
  )
  await eventually(async () => expect(await page.locator('#feed .row').first().innerText()).toContain('fee too low'))
  await eventually(async () => expect(await page.locator('#total-rejected-tx').textContent()).toBe('1'))
  expect(complaints).toEqual([])
})

test('text of strangers stays text', async () => {
  const { http, happen, events } = await startDashboard()
  const { page, complaints } = await openPage(browser, `${http}/`)
  await isLive(page)
  const hostile = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>\u202egnp.exe\u0000\u001b[31m'
  await happen(events.rejectedTx(hostile), events.ban('<b>key</b>\u2066'))
  const row = page.locator('#feed .row[data-kind=rejected-tx]')
  await row.waitFor()
  expect(await row.locator('.row-detail').textContent()).toBe(
    '<img src=x onerror="window.hit=1"><script>window.hit=1</script>⟨202E⟩gnp.exe⟨0000⟩⟨001B⟩[31m',
  )
  await eventually(async () =>
    expect(await page.locator('#feed .row[data-kind=ban] .row-title').textContent()).toBe('banned <b>key</b>⟨2066⟩'),
  )
  expect(await page.locator('#feed :is(img, script, b)').count()).toBe(0)
  expect(await page.evaluate("'hit' in window")).toBe(false)
  expect(complaints).toEqual([])
})

test('the policy stops a script and a foreign image that got into the page all the same', async () => {
  const { http } = await startDashboard()
  const { page, complaints } = await openPage(browser, `${http}/`)
  await isLive(page)
  await page.evaluate("document.head.append(Object.assign(document.createElement('script'), { text: 'window.hit = 1' }))").catch(() => {})
  await page.evaluate("{ const img = new Image(); img.src = 'http://192.0.2.1/x.png'; document.body.append(img) }")
  expect(await page.evaluate("'hit' in window")).toBe(false)
  await eventually(() => expect(complaints.join()).toContain('Content Security Policy'))
})

test('filters by kind, by origin and by text', async () => {
  const { http, happen, events } = await startDashboard()
  await happen(events.block(), events.subtree(), events.rejectedTx('dust'), events.rejectedTx('fee too low'))
  const { page } = await openPage(browser, `${http}/`)
  await isLive(page)
  const kinds = () => page.locator('#feed .row').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-kind')))
  await eventually(async () => expect(await kinds()).toEqual(['rejected-tx', 'rejected-tx', 'subtree', 'block']))
  await page.getByRole('button', { name: /^Subtrees/ }).click()
  await eventually(async () => expect(await kinds()).toEqual(['rejected-tx', 'rejected-tx', 'block']))
  await page.getByRole('searchbox').fill('DUST')
  await eventually(async () => expect(await kinds()).toEqual(['rejected-tx']))
  await page.getByRole('searchbox').fill('850001')
  await eventually(async () => expect(await kinds()).toEqual(['block']))
  await page.getByRole('combobox').selectOption('network')
  await eventually(async () => expect(await kinds()).toEqual([]))
  await eventually(async () => expect(await page.locator('#feed-state').textContent()).toBe('Nothing here matches the filters.'))
})

test('pause holds the feed still, counts what comes, and resuming shows it', async () => {
  const { http, happen, events } = await startDashboard()
  await happen(events.block())
  const { page } = await openPage(browser, `${http}/`)
  await isLive(page)
  await page.getByRole('button', { name: 'Pause' }).click()
  await happen(...Array.from({ length: 12 }, () => events.subtree()))
  const resume = page.getByRole('button', { name: 'Resume · 12 new' })
  await resume.waitFor()
  await eventually(async () => expect(await rowIds(page)).toHaveLength(1))
  await resume.click()
  await eventually(async () => expect(await rowIds(page)).toHaveLength(13))
})

test('works with the keyboard alone', async () => {
  const { http, happen, events, log } = await startDashboard()
  await happen(events.block(), events.subtree(), events.subtree())
  const { page } = await openPage(browser, `${http}/`)
  await isLive(page)
  await eventually(async () => expect(await rowIds(page)).toHaveLength(3))
  await page.locator('#tip-copy').waitFor()
  await page.locator('.tile[data-kind=subtree]').waitFor()
  const focused = () =>
    page.evaluate<string>("['id', 'data-id', 'data-kind'].map((name) => document.activeElement.getAttribute(name)).find(Boolean)")
  const stops: string[] = []
  for (let tab = 0; tab < 17; tab++) {
    await page.keyboard.press('Tab')
    stops.push(await focused())
  }
  const newest = log.entries[2]?.event.id
  const tabs = ['tab-events', 'tab-chain', 'tab-charts', 'tab-status']
  // Kinds of which nothing has come have no tile.
  const toolbar = ['search', 'origin', 'times', 'past-open', 'pause']
  expect(stops.slice(1, 16)).toEqual([...tabs, 'theme', 'tip-link', 'tip-copy', 'block', 'subtree', ...toolbar, newest])
  // The list is one stop; arrows walk in it, and it can be left again.
  await page.keyboard.press('Shift+Tab')
  await page.locator('#feed [tabindex="0"]').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('End')
  await eventually(async () => expect(await focused()).toBe(log.entries[0]?.event.id))
  await page.keyboard.press('c')
  await page.getByText('Copied').waitFor()
  await page.keyboard.press('Enter')
  await page.locator('#detail[open]').waitFor()
  await page.keyboard.press('Escape')
  await eventually(async () => expect(await focused()).toBe(log.entries[0]?.event.id))
  await page.locator('#pause').focus()
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Resume' }).waitFor()
})

test('follows the system in light and dark, and the button', async () => {
  const { http } = await startDashboard()
  const { page } = await openPage(browser, `${http}/`, { colorScheme: 'dark' })
  const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  const dark = await ground()
  await page.getByRole('button', { name: 'Theme: auto' }).click()
  await eventually(async () => expect(await ground()).not.toBe(dark))
  await page.getByRole('button', { name: 'Theme: light' }).click()
  await eventually(async () => expect(await ground()).toBe(dark))
  await page.reload()
  await eventually(async () => expect(await page.locator('#theme').textContent()).toBe('Theme: dark'))
})

test('after a restart of the server it resumes by itself: no row is missing or twice', async () => {
  const log = new FakeLog()
  const events = new SampleEvents()
  const [port = 0] = await freePorts(1)
  const listenAddress = { host: '127.0.0.1', port }
  const first = await startDashboard({ log, events, listenAddress })
  await first.happen(events.block(), events.subtree())
  const { page } = await openPage(browser, `${first.http}/`)
  await isLive(page)
  await eventually(async () => expect(await rowIds(page)).toHaveLength(2))
  await first.server.stop()
  await page.locator('[data-state=waiting]').waitFor()
  for (let count = 0; count < 40; count++) log.add(events.subtree())
  const second = await startDashboard({ log, events, listenAddress })
  await isLive(page)
  await second.happen(events.block())
  const expected = log.entries.map(({ event }) => event.id).reverse()
  await eventually(async () => expect(await rowIds(page)).toEqual(expected))
  expect(await page.locator('#feed .gap').count()).toBe(0)
})

test('says where events are missing when too many came meanwhile', async () => {
  const log = new FakeLog()
  const events = new SampleEvents()
  const [port = 0] = await freePorts(1)
  const listenAddress = { host: '127.0.0.1', port }
  const first = await startDashboard({ log, events, listenAddress })
  await first.happen(events.block())
  const { page } = await openPage(browser, `${first.http}/`)
  await isLive(page)
  await first.server.stop()
  await page.locator('[data-state=waiting]').waitFor()
  for (let count = 0; count < 1200; count++) log.add(events.subtree())
  await startDashboard({ log, events, listenAddress })
  await isLive(page)
  await page.getByRole('button', { name: /^Subtrees/ }).click()
  await eventually(async () => expect(await page.locator('#feed .gap').textContent()).toContain('too many came while this page was away'))
})

/** Notes how long the page went without drawing. */
const WATCH_FRAMES = `{
  const watch = window.frames_ = { count: 0, worst: 0 }
  let last = performance.now()
  const frame = (now) => {
    watch.count += 1
    watch.worst = Math.max(watch.worst, now - last)
    last = now
    requestAnimationFrame(frame)
  }
  requestAnimationFrame(frame)
}`

/** The processor time that the page's main thread has taken, in milliseconds: other programs on the machine do not count. */
async function pageWork(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN)
  }
}

test('a hundred events a second leave the page most of its time', async () => {
  const { http, happen, events } = await startDashboard()
  const { page } = await openPage(browser, `${http}/`)
  await isLive(page)
  const workMs = await pageWork(page)
  const before = await workMs()
  for (let batch = 0; batch < 30; batch++) {
    await happen(...Array.from({ length: 10 }, (_, index) => (index === 0 ? events.block() : events.rejectedTx())))
    await page.waitForTimeout(100)
  }
  await eventually(async () => expect(await rowIds(page)).toHaveLength(300))
  const perEvent = ((await workMs()) - before) / 300
  console.log(`work of the page ${perEvent.toFixed(2)} ms for each event`)
  // At a hundred a second, three milliseconds are a third of the time.
  expect(perEvent).toBeLessThan(granted(3))
})

test('stays bounded and awake at six hundred events a second', async () => {
  const { http, happen, events, log } = await startDashboard()
  const { page, complaints } = await openPage(browser, `${http}/`)
  await isLive(page)
  await page.evaluate(WATCH_FRAMES)
  for (let batch = 0; batch < 60; batch++) {
    await happen(...Array.from({ length: 30 }, () => events.rejectedTx()))
    await page.waitForTimeout(50)
  }
  const newest = log.entries.at(-1)?.event.id ?? ''
  await eventually(async () => expect((await rowIds(page))[0]).toBe(newest))
  await eventually(async () => expect(await rowIds(page)).toHaveLength(500))
  await eventually(async () => expect(await page.locator('#total-rejected-tx').textContent()).toBe('1,800'))
  const { count, worst } = await page.evaluate<{ count: number; worst: number }>('window.frames_')
  console.log(`frames drawn ${count}, longest gap ${Math.round(worst)} ms`)
  expect(worst).toBeLessThan(granted(1000))
  expect(complaints).toEqual([])
})

test('fits a narrow screen without scrolling sideways', async () => {
  const { http, happen, events } = await startDashboard()
  await happen(events.block(), events.block(), events.miningOn(), events.rejectedTx('x'.repeat(200)), events.ban('2001:db8:ffff:ffff::/64'))
  const { page } = await openPage(browser, `${http}/`, { viewport: { width: 340, height: 700 } })
  await isLive(page)
  await eventually(async () => expect(await rowIds(page)).toHaveLength(5))
  expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(340)
})
