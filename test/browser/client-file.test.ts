import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { blockEvent, FakeLog } from '../integration/websocket/fake-log.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { startBrowser, startDashboard } from './start-page.ts'

let browser: Browser

beforeAll(async () => {
  browser = await startBrowser()
})
afterAll(() => browser.close())

test('a page of another site that is written as the documentation says shows past and live events', async () => {
  const log = new FakeLog()
  log.add(blockEvent(7))
  const { ws, http, happen } = await startDashboard({ log })
  const markdown = readFileSync(new URL('../../docs/websocket.md', import.meta.url), 'utf8')
  const script = /```html\n(<script type="module">.*?<\/script>)/s.exec(markdown)?.[1] ?? ''
  const html = script.replace('https://bridge.example.org', http).replace('wss://bridge.example.org', ws)
  const site = createServer((_, response) => response.setHeader('content-type', 'text/html').end(`<body>${html}`))
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  onEnd(async () => {
    site.closeAllConnections()
    await new Promise<void>((resolve) => site.close(() => resolve()))
  })
  const address = site.address()
  const page = await browser.newPage()
  await page.goto(`http://localhost:${typeof address === 'object' && address ? address.port : 0}/`)
  await eventually(async () => expect(await page.textContent('body')).toContain('"height":7'))
  await happen(blockEvent(8))
  await eventually(async () => expect(await page.textContent('body')).toContain('"height":8'))
  await page.close()
})
