import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { FakeLog } from '../integration/websocket/fake-log.ts'
import { eventually } from '../support/eventually.ts'
import { SampleEvents } from './sample-events.ts'
import { isLive, openPage, rowIds, startBrowser, startDashboard } from './start-page.ts'

let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

const HOUR = 3_600_000

test('a hash is found in the whole event log, beyond what the page has loaded', async () => {
  const { http, happen, events } = await startDashboard()
  const old = events.subtree(Date.now() - HOUR)
  await happen(old, { ...old, id: 'by-another', origin: 'network', peerId: '12D3KooWOther', receivedAt: old.receivedAt + 250 })
  for (let batch = 0; batch < 3; batch++) await happen(...Array.from({ length: 120 }, () => events.rejectedTx()))
  const { page, complaints } = await openPage(browser, `${http}/`)
  await isLive(page)
  const hash = old.type === 'subtree' ? old.subtree.hash : ''
  await page.getByRole('searchbox').fill(hash.slice(0, 10))
  await eventually(async () => expect(await rowIds(page)).toEqual([]))
  await page.getByRole('button', { name: `begin with ${hash.slice(0, 10)}` }).click()
  await eventually(async () => expect(await page.locator('#past-text').textContent()).toMatch(/^Not live: .* 2 events, up to now\.$/))
  await eventually(async () => expect(await rowIds(page)).toEqual([old.id, 'by-another']))
  await eventually(() => expect(new URL(page.url()).searchParams.get('hash')).toBe(hash.slice(0, 10)))
  await page.locator('.row-what').first().click()
  await page.locator('#detail[data-state=found]').waitFor()
  const spread = () => page.locator('#detail-spread-text').textContent()
  await eventually(async () => expect(await spread()).toBe('2 announcers, the second 250 ms after the first.'))
  expect(complaints).toEqual([])
})

test('time travel: shows the events from a time on, says that it is not live, goes on, and returns', async () => {
  const { http, happen, events, log } = await startDashboard()
  const from = Date.now() - HOUR
  await happen(...Array.from({ length: 700 }, (_, index) => events.subtree(from + index)), events.rejectedTx())
  const { page, complaints } = await openPage(browser, `${http}/?since=${new Date(from + 50).toISOString()}`)
  await isLive(page)
  const says = (pattern: RegExp) => eventually(async () => expect(await page.locator('#past-text').textContent()).toMatch(pattern))
  await says(/^Not live: events from .* on, oldest first\. 500 events, and there are more\.$/)
  const ids = log.entries.map(({ event }) => event.id)
  const shown = await eventually(async () => {
    const found = await rowIds(page)
    expect(found).toHaveLength(500)
    return found
  })
  const first = ids.indexOf(shown[0] ?? '')
  expect(log.entries[first]?.timestamp).toBeGreaterThanOrEqual(from + 50)
  expect(log.entries[first - 1]?.timestamp ?? 0).toBeLessThan(from + 50)
  await happen(events.ban())
  expect(await rowIds(page)).toEqual(shown)
  await page.getByRole('button', { name: 'Later events' }).click()
  await says(/up to now\.$/)
  await eventually(async () => expect((await rowIds(page))[0]).toBe(ids[first + 500]))
  await page.getByRole('button', { name: 'Back to live' }).click()
  await eventually(async () => expect((await rowIds(page))[0]).toBe(log.entries.at(-1)?.event.id))
  expect(await page.locator('#past').isVisible()).toBe(false)
  await eventually(() => expect(new URL(page.url()).search).toBe(''))
  expect(complaints).toEqual([])
})

test('the kinds and the origin that are chosen hold for the past too; a time is typed', async () => {
  const { http, happen, events } = await startDashboard()
  const from = Date.now() - HOUR
  await happen(events.block(from, { origin: 'own' }), events.subtree(from + 1), events.block(from + 2, { origin: 'network' }))
  const { page } = await openPage(browser, `${http}/?without=subtree&origin=own`)
  await isLive(page)
  await page.getByRole('button', { name: 'Go to time' }).click()
  await page.getByRole('button', { name: 'Show them' }).click()
  await eventually(async () => expect(await page.locator('#past-text').textContent()).toContain('None found, up to now.'))
  // Whole minutes of the time zone that the browser shares with this process.
  const minute = new Date(from - new Date(from).getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
  await page.locator('#past-time').fill(minute)
  await page.getByRole('button', { name: 'Show them' }).click()
  await eventually(async () => expect(await page.locator('#past-text').textContent()).toContain('1 event, up to now.'))
})

test('a bridge that goes while the past is read is named, and reading goes on when it is back', async () => {
  const log = new FakeLog()
  const events = new SampleEvents()
  const [port = 0] = await freePorts(1)
  const listenAddress = { host: '127.0.0.1', port }
  const first = await startDashboard({ log, events, listenAddress })
  await first.happen(...Array.from({ length: 600 }, () => events.subtree()))
  const { page } = await openPage(browser, `${first.http}/?since=1970-01-02T00:00:00Z`)
  const says = (text: string) => eventually(async () => expect(await page.locator('#past-text').textContent()).toContain(text))
  await says('500 events, and there are more.')
  await first.server.stop()
  await page.getByRole('button', { name: 'Later events' }).click()
  await says('None found, then: The connection to the bridge broke.')
  await startDashboard({ log, events, listenAddress })
  await page.getByRole('button', { name: 'Try again' }).click()
  await says('100 events, up to now.')
})
