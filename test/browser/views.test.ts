import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LogEvent } from '../../src/events/event.ts'
import { eventually } from '../support/eventually.ts'
import { isLive, openPage, startBrowser, startDashboard } from './start-page.ts'

let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

test('the detail of an event: all fields, links, who else announced it, JSON with all digits', async () => {
  const { http, happen, events, log } = await startDashboard({ explorerUrl: 'https://explorer.example/{kind}/{hash}' })
  const block = events.block(Date.now(), { origin: 'network' })
  const miningOn = events.miningOn()
  if (miningOn.type !== 'mining-on' || block.type !== 'block') throw new Error('sample events changed')
  const exact = { ...miningOn, miningOn: { ...miningOn.miningOn, sizeInBytes: 9_007_199_254_740_993n } }
  await happen(block, { ...block, id: 'second', peerId: '12D3KooWOther', receivedAt: block.receivedAt + 40 }, exact, events.ban())
  const { page, complaints } = await openPage(browser, `${http}/`)
  await isLive(page)
  await page.locator(`[data-id="${block.id}"] .row-what`).click()
  await page.locator('#detail[data-state=found]').waitFor()
  const { hash } = block.block
  expect(await page.locator('#detail-content').innerText()).toContain(hash)
  expect(await page.locator('#detail-path').innerText()).toContain(`offset 0`)
  const dataHub = page.locator('#detail-content a')
  expect(await dataHub.getAttribute('href')).toBe(block.block.dataHubUrl)
  expect(await dataHub.getAttribute('rel')).toContain('noopener')
  expect(await page.getByRole('link', { name: 'Open in the explorer' }).getAttribute('href')).toBe(`https://explorer.example/block/${hash}`)
  expect(await page.locator('#detail-spread li').first().innerText()).toContain('first')
  await eventually(() => expect(new URL(page.url()).hash).toContain(`event=${block.id}`))
  await page.getByRole('button', { name: 'Close' }).click()
  await page.locator(`[data-id="${exact.id}"]`).focus()
  await page.keyboard.press('Enter')
  const json = page.locator('#detail-json')
  await eventually(async () => expect(await json.textContent()).toContain('"sizeInBytes": 9007199254740993'))
  expect(await page.locator('#detail-content').innerText()).toContain('9007199254740993 bytes')
  await page.goBack()
  await page.locator('#detail:not([open])').waitFor({ state: 'attached' })
  expect(log.entries).toHaveLength(4)
  expect(complaints).toEqual([])
})

test('the address of an event leads to it when it is no longer loaded, and says so when it is gone', async () => {
  const { http, happen, events } = await startDashboard()
  const old = events.rejectedTx('an old one', Date.now() - 600_000)
  await happen(events.subtree(old.receivedAt - 5), old, ...Array.from({ length: 150 }, () => events.subtree()))
  const { page } = await openPage(browser, `${http}/#event=${old.id}&at=${old.receivedAt + 123}`)
  await page.locator('#detail[data-state=found]').waitFor()
  expect(await page.locator('#detail-content').innerText()).toContain('an old one')
  await page.evaluate(`location.hash = '#event=nothing&at=${old.receivedAt}'`)
  await eventually(async () => expect(await page.locator('#detail-state').textContent()).toContain('does not hold this event'))
})

test('the chain: forks, where each node is, what is not proven, and a reorganisation', async () => {
  const { http, happen, events } = await startDashboard()
  const { page, complaints } = await openPage(browser, `${http}/#chain`)
  await isLive(page)
  const hashOf = (name: string) => name.padStart(64, '0')
  const header = (after: string) => `01000000${(hashOf(after).match(/../g) ?? []).reverse().join('')}${'00'.repeat(44)}`
  const block = (name: string, height: number, after: string | null, peerId: string | null = null): LogEvent => ({
    ...events.block(Date.now(), { origin: peerId === null ? 'own' : 'network' }),
    ...(peerId === null ? {} : { peerId }),
    type: 'block',
    block: { hash: hashOf(name), height, header: after === null ? null : header(after), dataHubUrl: '', clientName: 'a-node' },
  })
  await happen(block('a1', 1, 'a0'), block('a2', 2, 'a1'), block('b2', 2, 'a1', '12D3KooWPeer'), block('c3', 3, null, '12D3KooWLiar'))
  await eventually(async () => expect(await page.locator('#map .map-block').count()).toBe(4))
  const said = (name: string) => page.locator(`[data-hash="${hashOf(name)}"] .map-said`).textContent()
  expect(await said('a2')).toBe('tip · own node here')
  expect(await said('c3')).toBe('not proven · 1 peer here')
  await eventually(async () =>
    expect(await page.locator('#tips tr').allInnerTexts()).toEqual([
      expect.stringMatching(/a-node.*3.*1 ahead, not proven/s),
      expect.stringMatching(/Own node.*2.*at the tip/s),
      expect.stringMatching(/a-node.*2.*another block/s),
    ]),
  )
  expect(await page.locator('#reorganisations-part').isVisible()).toBe(false)
  await happen(block('b3', 3, 'b2'))
  await eventually(async () => expect(await said('b3')).toBe('tip · own node here'))
  expect(await said('a2')).toContain('left by the own node')
  expect(await page.locator('#reorganisations').innerText()).toMatch(/left 1 block up to 2 .* and is at 3 .* They part after 1\./)
  expect(complaints).toEqual([])
})

test('charts of rates and latencies begin with the page, in the colours of the theme', async () => {
  const { http, happen, events } = await startDashboard()
  const { page, complaints } = await openPage(browser, `${http}/#charts`)
  await isLive(page)
  // By the page's clock all of them come ten seconds after its start, in one bucket.
  await page.clock.install()
  await page.clock.fastForward(10_000)
  const at = Date.now() + 10_000
  await happen(...Array.from({ length: 25 }, () => events.rejectedTx('dust', at)))
  await eventually(async () => expect(await page.locator('#total-rejected-tx').textContent()).toBe('25'))
  await page.clock.fastForward(15_000)
  const says = (id: string, text: string) => eventually(async () => expect(await page.locator(id).textContent()).toContain(text))
  await says('#chart-rates-text', 'Rejected txs: now 0/s, highest 5/s')
  await says('#chart-latencies-text', 'Into the event log, slowest: now 123 ms, highest 123 ms')
  expect(await page.locator('#chart-rates canvas').count()).toBe(1)
  expect(await page.locator('#charts-state').isVisible()).toBe(false)
  await page.getByRole('button', { name: 'Theme: auto' }).click()
  await page.getByLabel('Span of the charts').selectOption('Last hour')
  expect(complaints).toEqual([])
})
