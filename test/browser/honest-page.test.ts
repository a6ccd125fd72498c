import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import type { LogEvent } from '../../src/events/event.ts'
import { FakeLog } from '../integration/websocket/fake-log.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { isLive, openPage, rowIds, startBrowser, startDashboard } from './start-page.ts'

let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

test('totals count from when the page was opened, and say so', async () => {
  const { http, happen, events } = await startDashboard()
  await happen(...Array.from({ length: 5 }, () => events.rejectedTx('dust', Date.now() - 60_000)))
  const { page } = await openPage(browser, `${http}/`)
  await isLive(page)
  await eventually(async () =>
    expect(await page.locator('#counted-since').textContent()).toMatch(/since this page was opened, (just now|\d+ s ago)/),
  )
  await eventually(async () => expect(await page.locator('#total-rejected-tx').textContent()).toBe('0'))
  await eventually(async () => expect(await page.locator('.tile:visible').count()).toBe(1))
  await happen(events.rejectedTx('dust'), events.subtree())
  await eventually(async () => expect(await page.locator('#total-rejected-tx').textContent()).toBe('1'))
  await eventually(async () => expect(await page.locator('.tile:visible').count()).toBe(2))
})

test('a block leads only with proof of work, by the own node, or by several peers; a reorganisation clears it', async () => {
  const { http, happen, events } = await startDashboard()
  await happen(events.block(Date.now(), { origin: 'own' }))
  const { page } = await openPage(browser, `${http}/`)
  const tipIs = (height: string) => eventually(async () => expect(await page.locator('#tip-height').textContent()).toBe(height))
  await tipIs('850,001')
  const claimed = events.block(Date.now(), { origin: 'network' })
  await happen(claimed)
  await page.locator('#blocks [data-proven=false]').waitFor()
  await tipIs('850,001')
  await eventually(async () => expect(await page.locator('#earlier-unproven').isVisible()).toBe(true))
  await happen({ ...claimed, id: 'second-of-it', peerId: '12D3KooWOther' })
  await tipIs('850,002')
  await happen(events.block(Date.now(), { origin: 'own' }))
  await tipIs('850,003')
  const next = events.block(Date.now(), { origin: 'network' })
  await happen(next, { ...events.miningOn(), origin: 'own', peerId: null } as LogEvent)
  await tipIs('850,004')
  events.height = 850_001
  await happen(events.block(Date.now(), { origin: 'own' }))
  await tipIs('850,002')
})

test('the filters are in the address, so a reload and a link show the same', async () => {
  const { http, happen, events } = await startDashboard()
  await happen(events.block(), events.subtree(), events.rejectedTx('dust'), events.rejectedTx('fee too low'))
  const { page } = await openPage(browser, `${http}/`)
  await isLive(page)
  await page.getByRole('button', { name: /^Subtrees/ }).click()
  await page.getByRole('searchbox').fill('dust')
  await page.getByRole('button', { name: 'Clock times' }).click()
  await eventually(() => expect(new URL(page.url()).search).toBe('?q=dust&without=subtree&times=clock'))
  await page.reload()
  await eventually(async () => expect(await rowIds(page)).toHaveLength(1))
  await eventually(async () => expect(await page.getByRole('searchbox').inputValue()).toBe('dust'))
  await eventually(async () => expect(await page.locator('#feed .row-age').textContent()).toMatch(/^\d\d:\d\d:\d\d$/))
  await eventually(async () => expect(await page.getByRole('button', { name: /^Subtrees/ }).getAttribute('aria-pressed')).toBe('false'))
})

test('a refused origin is said, until there is a connection', async () => {
  const log = new FakeLog()
  const [port = 0] = await freePorts(1)
  const listenAddress = { host: '127.0.0.1', port }
  const { server } = await startDashboard({ log, listenAddress })
  const origin = `http://node.example:${port}`
  const named = await startBrowser(['--host-resolver-rules=MAP node.example 127.0.0.1'])
  onEnd(() => named.close())
  const { page } = await openPage(named, `${origin}/`)
  await eventually(async () => expect(await page.locator('#notice').textContent()).toContain('setting ws_allowed_origins'))
  expect(await page.locator('#connection').getAttribute('data-state')).not.toBe('live')
  await server.stop()
  await startDashboard({ log, listenAddress, allowedOrigins: [origin] })
  await isLive(page)
  await eventually(async () => expect(await page.locator('#notice').isVisible()).toBe(false))
})

test('a page without the token that the bridge wants says so, and goes live with the one that is typed', async () => {
  const { http, happen, events } = await startDashboard({ auth: { kind: 'static', token: 'a-token-of-more-than-16' } })
  await happen(events.block())
  const { page } = await openPage(browser, `${http}/`)
  await eventually(async () => expect(await page.locator('#notice').textContent()).toContain('those who have a token'))
  await eventually(async () => expect(await page.locator('#connection-text').textContent()).toBe('Token needed'))
  const type = async (token: string) => {
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Connect' }).click()
  }
  await type('another-token-of-16')
  await eventually(async () => expect(await page.locator('#notice').textContent()).toContain('refuses this token'))
  await page.getByLabel('Token').waitFor()
  await type('a-token-of-more-than-16')
  await isLive(page)
  await eventually(async () => expect(await page.locator('#token-form').isVisible()).toBe(false))
  await eventually(async () => expect(await rowIds(page)).toHaveLength(1))
  expect(await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, location.href, document.cookie])')).not.toContain(
    'a-token',
  )
  await page.getByRole('searchbox').fill('0000')
  await page.getByRole('button', { name: /Search the whole event log/ }).click()
  await eventually(async () => expect(await page.locator('#past-text').textContent()).toMatch(/up to now/))
})
