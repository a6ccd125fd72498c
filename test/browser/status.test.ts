import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { eventually } from '../support/eventually.ts'
import { fillStatus, KEY, samplePeer, samplePeerId, startSampleStatus } from './sample-status.ts'
import { openPage, startBrowser, startDashboard } from './start-page.ts'

let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

type Options = Parameters<typeof startSampleStatus>[0] & Parameters<typeof fillStatus>[1]

/** The status view of a bridge that a test makes well or ill. */
async function openStatus({ peerCount, isWell, ...options }: Options = {}, context: Parameters<typeof openPage>[2] = {}) {
  const status = await startSampleStatus(options)
  fillStatus(status, { ...(peerCount === undefined ? {} : { peerCount }), ...(isWell === undefined ? {} : { isWell }) })
  const dashboard = await startDashboard({ door: status.door })
  const opened = await openPage(browser, `${dashboard.http}/#status`, context)
  await opened.page.locator('#verdict:not([data-health=unknown])').waitFor()
  return { ...status, ...dashboard, ...opened }
}

const textsOf = (page: Page, selector: string) => page.locator(selector).allInnerTexts()

test('says at one glance that all is well, and shows parts, instances, peers and lags as they are now', async () => {
  const { page, health, peers, complaints } = await openStatus()
  await eventually(async () => expect(await page.locator('#verdict-title').textContent()).toBe('All is well'))
  await eventually(async () => expect(await page.locator('#tab-status').textContent()).toBe('Status (well)'))
  await eventually(async () =>
    expect(await textsOf(page, '#instances .instance-name')).toEqual(['gossip-bridge-0', 'edge-7f9c', 'gossip-bridge-1']),
  )
  expect(await page.locator('#instances .instance').first().innerText()).toMatch(
    /this one\s+primary\s+0\.1\.0\s+12D3Ko….*\s+heard \d+ s ago/,
  )
  await eventually(async () => expect(await page.locator('#peers tr').count()).toBe(5))
  await eventually(async () => expect(await textsOf(page, '#lags .lag-records')).toEqual(['0', '0', '3']))
  health.part('group gossip').notReady('no connection to kafka-1:9092')
  peers.push(samplePeer(9))
  await eventually(async () => expect(await page.locator('#verdict-title').textContent()).toBe('Not ready: 1 part of 9'))
  await eventually(async () =>
    expect(await page.locator('#verdict-reasons').innerText()).toMatch(/group gossip\s+no connection to kafka-1:9092/),
  )
  await eventually(async () => expect(await page.locator('#parts .part').first().innerText()).toMatch(/group gossip/))
  await eventually(async () => expect(await page.locator('#peers tr').count()).toBe(6))
  await eventually(async () => expect(await page.locator('#tab-status').textContent()).toBe('Status (not ready)'))
  await eventually(async () => expect(await page.locator('#announcer').textContent()).toBe('The bridge is not ready.'))
  expect(complaints).toEqual([])
})

test('remarks say what is not as it should be while the bridge is ready', async () => {
  const { page, health } = await openStatus({ isWell: false, peerCount: 0 })
  health.part('group gossip').ready()
  await eventually(async () => expect(await page.locator('#verdict-title').textContent()).toBe('Running, with 4 remarks'))
  await eventually(async () => expect(await textsOf(page, '#verdict-reasons strong')).toEqual(['database', 'peers', 'clock', 'versions']))
  await eventually(async () => expect(await page.locator('#peers-note').textContent()).toContain('No peer is connected.'))
})

test('peers are sorted by each column, and ages go on', async () => {
  const { page } = await openStatus()
  const ids = () => page.locator('#peers .peer-id').evaluateAll((found) => found.map((each) => each.getAttribute('title')))
  const peerIds = [4, 3, 2, 1, 0].map(samplePeerId)
  await eventually(async () => expect(await ids()).toEqual(peerIds))
  await page.getByRole('button', { name: 'Score' }).click()
  await eventually(async () => expect((await ids())[0]).toBe(samplePeerId(3)))
  await page.getByRole('button', { name: 'Latency' }).click()
  await eventually(async () => expect(await ids()).toEqual([1, 2, 3, 4, 0].map(samplePeerId)))
  await page.getByRole('button', { name: 'Latency' }).click()
  await eventually(async () => expect(await ids()).toEqual([4, 3, 2, 1, 0].map(samplePeerId)))
  await eventually(async () =>
    expect(await page.getByRole('columnheader', { name: 'Latency' }).getAttribute('aria-sort')).toBe('descending'),
  )
  const youngest = page.locator('#peers tr').last().locator('[data-name=Connected]')
  const before = await youngest.textContent()
  await eventually(async () => expect(await youngest.textContent()).not.toBe(before))
})

test('a ban is added and lifted with the right key, and neither with a wrong one', async () => {
  const { page, bans, complaints } = await openStatus({ mayChange: true })
  const result = page.locator('#ban-result')
  await page.getByLabel('Address, CIDR or peer id').fill('198.51.100.9/24')
  await page.getByLabel('Reason').fill('spam')
  await page.getByRole('button', { name: 'Ban', exact: true }).click()
  await eventually(async () => expect(await result.textContent()).toContain('Type the API key first'))
  await page.getByLabel('API key').fill(`${KEY}x`)
  await page.getByRole('button', { name: 'Ban', exact: true }).click()
  await eventually(async () => expect(await result.textContent()).toBe('the key is not that of admin_api_key'))
  expect(bans.list()).toEqual([])
  await page.getByLabel('API key').fill(KEY)
  await page.getByRole('button', { name: 'Ban', exact: true }).click()
  await eventually(async () => expect(await textsOf(page, '#bans .ban-key')).toEqual(['198.51.100.0/24']))
  await eventually(async () => expect(await result.textContent()).toMatch(/^198\.51\.100\.0\/24 is banned until/))
  await eventually(async () =>
    expect(await page.locator('#bans tr').innerText()).toMatch(/spam\s+in 23 h\s+(just now|\d+ s ago)\s+dashboard/),
  )
  const lift = page.getByRole('button', { name: 'Lift the ban of 198.51.100.0/24' })
  await lift.click()
  expect(bans.list()).toHaveLength(1)
  await lift.click()
  await eventually(async () => expect(await page.locator('#bans-note').textContent()).toBe('Nobody is banned.'))
  expect(bans.list()).toEqual([])
  expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')).not.toContain(KEY)
  // The browser itself writes a line for the answer 401.
  expect(complaints.filter((complaint) => !complaint.includes('401'))).toEqual([])
})

test('a peer is taken over into the form; without dashboard_admin there is none', async () => {
  const { page } = await openStatus({ mayChange: true })
  await page.getByRole('button', { name: 'Ban…' }).first().click()
  await eventually(async () => expect(await page.getByLabel('Address, CIDR or peer id').inputValue()).toBe(samplePeerId(4)))
  const { page: plain } = await openStatus()
  await eventually(async () => expect(await plain.getByLabel('API key').isVisible()).toBe(false))
  await eventually(async () => expect(await plain.getByRole('button', { name: 'Ban…' }).count()).toBe(0))
})

test('a ban by score has its evidence', async () => {
  const { page, bans } = await openStatus()
  const origin = { door: 'score', who: null, cause: 'score:x:1' } as const
  await bans.apply({ action: 'add', key: samplePeerId(9), reason: 'score 100 of 100: invalid_block' }, origin)
  await page.getByText('Evidence').click()
  await eventually(async () =>
    expect((await textsOf(page, '#bans .evidence-lines li')).slice(0, 3)).toEqual([
      'points: 100',
      'threshold: 100',
      'reason invalid_block · points 50 · cause invalid-blocks:0:41',
    ]),
  )
})

test('text of strangers stays text', async () => {
  const hostile = '<img src=x onerror="window.hit=1">\u202e'
  const status = await startSampleStatus()
  fillStatus(status)
  status.health.part(hostile).notReady(hostile)
  status.peers.push(samplePeer(7, { address: hostile }))
  await status.bans.apply({ action: 'add', key: '198.51.100.9', reason: hostile }, { door: 'kafka', who: null, cause: `${hostile}:1` })
  const { http } = await startDashboard({ door: status.door })
  const { page, complaints } = await openPage(browser, `${http}/#status`)
  await page.locator('#bans tr').waitFor()
  expect(await page.locator('#view-status img').count()).toBe(0)
  await eventually(async () =>
    expect(await page.locator('#bans .ban-why bdi').textContent()).toBe('<img src=x onerror="window.hit=1">⟨202E⟩'),
  )
  expect(await page.evaluate("'hit' in window")).toBe(false)
  expect(complaints).toEqual([])
})

test('strangers see a summary, which says where the rest is', async () => {
  const { page } = await openStatus({ show: 'summary' })
  await eventually(async () =>
    expect(await page.locator('#peers-note').textContent()).toMatch(
      /^5 peers are connected\. They are listed on the bridge’s own host only/,
    ),
  )
  expect(await page.locator('#view-status').innerText()).not.toContain('203.0.113')
})

test('where the status is off, the view says so, and the events go on', async () => {
  const { door } = await startSampleStatus({ show: 'off' })
  const { http } = await startDashboard({ door })
  const { page } = await openPage(browser, `${http}/#status`)
  await eventually(async () => expect(await page.locator('#verdict-title').textContent()).toBe('No status here'))
  await eventually(async () => expect(await page.locator('#verdict-note').textContent()).toContain('dashboard_status is off'))
  await page.getByRole('link', { name: 'Events' }).click()
  await page.locator('#tip').waitFor()
  await eventually(async () => expect(await page.locator('#view-status').isVisible()).toBe(false))
})

test('when the bridge goes, what is shown is said to be old; when it is back, all is as before', async () => {
  const status = await startSampleStatus()
  fillStatus(status)
  const [port = 0] = await freePorts(1)
  const listenAddress = { host: '127.0.0.1', port }
  const first = await startDashboard({ door: status.door, listenAddress })
  const { page } = await openPage(browser, `${first.http}/#status`)
  await eventually(async () => expect(await page.locator('#verdict-title').textContent()).toBe('All is well'))
  await first.server.stop()
  await page.locator('#view-status[data-stale=true]').waitFor()
  await eventually(async () => expect(await page.locator('#verdict-title').textContent()).toBe('No answer from the bridge'))
  await eventually(async () =>
    expect(await page.locator('#verdict-note').textContent()).toMatch(/^What you see is from \d+ s ago\. The bridge does not answer\./),
  )
  await startDashboard({ door: status.door, listenAddress })
  await page.locator('#view-status[data-stale=false]').waitFor()
  await eventually(async () => expect(await page.locator('#verdict-title').textContent()).toBe('All is well'))
  await eventually(async () => expect(await page.locator('#verdict-note').isVisible()).toBe(false))
})

test('the view is in the address: back, forward and reload keep it; the keyboard reaches all of it', async () => {
  const { page } = await openStatus()
  await page.getByRole('link', { name: 'Events' }).click()
  await page.locator('#tip').waitFor() // until it is visible
  await page.goBack()
  await page.locator('#verdict').waitFor()
  await page.reload()
  await page.locator('#peers tr').first().waitFor()
  const stops: string[] = []
  for (let tab = 0; tab < 8; tab++) {
    await page.keyboard.press('Tab')
    stops.push(await page.evaluate<string>('document.activeElement.id || document.activeElement.textContent'))
  }
  expect(stops).toEqual(['skip', 'tab-events', 'tab-chain', 'tab-charts', 'tab-status', 'theme', 'Peer', 'Address'])
  await page.keyboard.press('Enter')
  await eventually(async () =>
    expect(await page.getByRole('columnheader', { name: 'Address' }).getAttribute('aria-sort')).toBe('ascending'),
  )
})

test.each([1280, 800, 390, 340])('fits %i px without scrolling sideways, with long values and many peers', async (width) => {
  const status = await startSampleStatus({ mayChange: true })
  fillStatus(status, { isWell: false, peerCount: 60 })
  status.health.part('schema registry').notReady(`https://${'registry'.repeat(20)}.example does not answer`)
  await status.bans.apply({ action: 'add', key: samplePeerId(50), reason: 'x'.repeat(300), permanent: true }, { door: 'http', who: null })
  const { http } = await startDashboard({ door: status.door })
  const { page } = await openPage(browser, `${http}/#status`, { viewport: { width, height: 800 } })
  await page.locator('#bans tr').waitFor()
  expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
})
