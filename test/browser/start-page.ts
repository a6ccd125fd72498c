import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { ensureChromium } from '../../deploy/local/programs/chromium.ts'
import { loadPageFiles } from '../../src/dashboard/page-files.ts'
import type { LogEvent } from '../../src/events/event.ts'
import { KIND_ROWS } from '../../src/messages/page-rows.ts'
import { FakeLog } from '../integration/websocket/fake-log.ts'
import { type StartServerOptions, startServer, type TestServer } from '../integration/websocket/start-server.ts'
import { onEnd } from '../support/on-end.ts'
import { SampleEvents } from './sample-events.ts'
import { startSampleStatus } from './sample-status.ts'

/** No sandbox, because tests run as root; nothing that would look for the internet by itself. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export async function startBrowser(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: await ensureChromium(), args: [...ARGUMENTS, ...more] })
}

export interface DashboardServer extends TestServer {
  readonly events: SampleEvents
  /** Puts events into the log and the live feed, as the tail does. */
  happen(...events: LogEvent[]): Promise<void>
}

/** A real server with the real page, and a log that a test writes. */
export async function startDashboard(
  options: StartServerOptions & { events?: SampleEvents; explorerUrl?: string } = {},
): Promise<DashboardServer> {
  const { events = new SampleEvents(), log = new FakeLog(), door = (await startSampleStatus()).door, explorerUrl = '', ...others } = options
  const started = await startServer({ pages: await loadPageFiles({ kindRows: KIND_ROWS, explorerUrl }), log, door, ...others })
  await started.server.publish(log.entries.map(log.toItem), log.high)
  return {
    ...started,
    events,
    async happen(...happened) {
      await started.server.publish(
        happened.map((event) => log.add(event)),
        log.high,
      )
    },
  }
}

export interface OpenPage {
  readonly page: Page
  /** Errors of the page and of its console, violations of the content security policy among them. */
  readonly complaints: string[]
}

export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, ...options })
  onEnd(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
  })
  await page.goto(url)
  return { page, complaints }
}

/** Resolves when the page shows what happens as it happens. */
export function isLive(page: Page): Promise<void> {
  return page.locator('[data-state=live]').waitFor()
}

/** The ids of the rows, newest first. */
export function rowIds(page: Page): Promise<(string | null)[]> {
  return page.locator('#feed .row').evaluateAll((rows) => rows.map((row) => row.getAttribute('data-id')))
}
