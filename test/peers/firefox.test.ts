import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { ensureFirefox } from '../../deploy/local/programs/firefox.ts'
import { SampleEvents } from '../browser/sample-events.ts'
import { startDashboard } from '../browser/start-page.ts'
import { FakeLog } from '../integration/websocket/fake-log.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { buildClient } from './build/build-client.ts'

const WITHIN = { timeoutMs: 60_000, intervalMs: 50 }

interface Shown {
  readonly state: string
  /** Ids of the rows, newest first. */
  readonly rows: readonly string[]
  readonly errors: readonly string[]
}

/** The page in Firefox: what it shows now, and how its buttons are pressed. */
async function openFirefox(url: string) {
  const npm = { tool: 'npm', usualFolder: '/usr/bin' }
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--silent']
  const program = await buildClient({ of: 'firefox', name: 'page', tool: npm, args, program: 'page.mjs' }, console.log)
  if (program === undefined) throw new Error('npm is not on this machine, so Firefox cannot be driven')
  const child = spawn(process.execPath, [program, await ensureFirefox(), url], { stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  onEnd(() => {
    child.stdin.end()
    return ended
  })
  let shown: Shown = { state: '', rows: [], errors: [] }
  createInterface({ input: child.stdout }).on('line', (line) => {
    shown = JSON.parse(line)
  })
  return { shown: () => shown, press: (name: string) => child.stdin.write(`${name}\n`) }
}

test('the page in Firefox: live, the past, filters, and no row missing or twice after a restart of the server', async () => {
  const [log, events] = [new FakeLog(), new SampleEvents()]
  const [port = 0] = await freePorts(1)
  const listenAddress = { host: '127.0.0.1', port }
  const first = await startDashboard({ log, events, listenAddress })
  await first.happen(events.block(), events.subtree())
  const { shown, press } = await openFirefox(`${first.http}/`)
  const allIds = () => log.entries.map(({ event }) => event.id).reverse()
  const showsAll = () => eventually(() => expect(shown()).toEqual({ state: 'live', rows: allIds(), errors: [] }), WITHIN)

  await showsAll()
  await first.happen(events.rejectedTx('dust'))
  await showsAll()
  press('Subtrees')
  await eventually(() => expect(shown().rows).toHaveLength(2), WITHIN)
  press('Subtrees')
  await showsAll()

  await first.server.stop()
  await eventually(() => expect(shown().state).toBe('waiting'), WITHIN)
  log.add(events.block())
  const second = await startDashboard({ log, events, listenAddress })
  await showsAll()
  await second.happen(events.subtree())
  await showsAll()
})
