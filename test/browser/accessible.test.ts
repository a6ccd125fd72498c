import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { fillStatus, startSampleStatus } from './sample-status.ts'
import { isLive, openPage, startBrowser, startDashboard } from './start-page.ts'

let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

const AXE = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Violations of the rules, with the elements that break them. */
function violationsOf(page: Page) {
  return page.evaluate<{ id: string; nodes: string[] }[]>(
    'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html.slice(0, 120)) })))',
  )
}

/** How to come to each view, and what is there when it is drawn. */
const VIEWS: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  events: (page) => page.locator('#feed .row').first().waitFor(),
  chain: async (page) => {
    await page.locator('#tab-chain').click()
    await page.locator('#map .map-block').first().waitFor()
    await page.locator('#reorganisations li').waitFor()
  },
  charts: async (page) => {
    await page.locator('#tab-charts').click()
    await page.clock.fastForward(15_000)
    await page.locator('#chart-latencies canvas').waitFor()
  },
  status: async (page) => {
    await page.locator('#tab-status').click()
    await page.locator('#bans tr').waitFor()
  },
  past: async (page) => {
    await page.locator('#tab-events').click()
    await page.locator('#past-open').click()
    await page.locator('#past-form button').click()
    await eventually(async () => expect(await page.locator('#past-text').textContent()).toContain('up to now'))
  },
  detail: async (page) => {
    await page.locator('#feed .row[data-kind=block] .row-what').first().click()
    await page.locator('#detail[data-state=found]').waitFor()
  },
}

test.each([
  ['light', 1280],
  ['dark', 390],
] as const)('axe finds nothing wrong in %s at %i px, in any view', async (colorScheme, width) => {
  const status = await startSampleStatus({ mayChange: true })
  fillStatus(status, { isWell: false })
  await status.bans.apply({ action: 'add', key: '198.51.100.0/24', reason: 'spam' }, { door: 'http', who: null })
  const { http, happen, events } = await startDashboard({ door: status.door, explorerUrl: 'https://explorer.example/{kind}/{hash}' })
  const at = Date.now() - 10_000
  const own = events.block(at, { origin: 'own' })
  const left = events.block(at + 1000, { origin: 'own' })
  await happen(own, { ...own, id: 'other', origin: 'network', peerId: '12D3KooWOther' }, left, events.block(at, { origin: 'network' }))
  events.height = 850_001
  await happen({ ...events.miningOn(), origin: 'own', peerId: null }, events.subtree(), events.ban())
  // Axe brings its own script into the page, which the page's policy would not let run.
  const { page } = await openPage(browser, `${http}/`, { colorScheme, viewport: { width, height: 900 }, bypassCSP: true })
  await isLive(page)
  await page.clock.install()
  await page.addScriptTag({ content: await AXE })
  const found: Record<string, unknown> = {}
  for (const [name, comeTo] of Object.entries(VIEWS)) {
    await comeTo(page)
    found[name] = await violationsOf(page)
    expect(await page.evaluate<number>('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(width)
  }
  expect(found).toEqual(Object.fromEntries(Object.keys(VIEWS).map((name) => [name, []])))
})
