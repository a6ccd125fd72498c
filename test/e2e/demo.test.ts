import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { type CommandResult, runCommand } from '../../deploy/local/programs/command.ts'
import { projectFile } from '../../deploy/local/programs/local-files.ts'
import { eventually } from '../support/eventually.ts'
import { granted } from '../support/granted.ts'

interface DemoEvent {
  readonly event: string
  readonly [name: string]: unknown
}

interface Row {
  readonly arrow: string
  readonly to: string
  readonly count: number
  readonly missing: number
  readonly repeats: number
}

interface Demo {
  readonly child: ChildProcess
  readonly events: DemoEvent[]
  readonly ended: Promise<number | null>
  /** Everything that the demo writes goes here, as long as it runs. */
  readonly directory: string
  bridges(): Promise<{ name: string; pid: number }[]>
}

const STARTED_WITHIN_MS = 150_000

/** The demo as a user starts it, with JSON for us to read and a temporary directory of its own. */
async function startDemo(...args: string[]): Promise<Demo> {
  const directory = await mkdtemp(join(tmpdir(), 'demo-test-'))
  await chmod(directory, 0o755) // started by root, Postgres runs as another user and has to reach its data
  const child = spawn(process.execPath, ['deploy/local/demo.mjs', '--json', '--no-open', ...args], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const events: DemoEvent[] = []
  const complaints: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => void events.push(JSON.parse(line)))
  createInterface({ input: child.stderr }).on('line', (line) => void complaints.push(line))
  const ended = new Promise<number | null>((resolve) => void child.once('close', resolve))
  onTestFinished(async () => {
    child.kill('SIGKILL') // the guards of its children do the rest
    await ended
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 }) // a guard that ends a broker may be late
  })
  const bridges = async () => {
    const find = () => events.find(({ event }) => event === 'ready' || event === 'verdict')
    const ready = await eventually(find, { timeoutMs: STARTED_WITHIN_MS })
    if (ready.event === 'verdict') throw new Error(`the demo ended before it began: ${JSON.stringify(ready)} ${complaints.join('\n')}`)
    return ready.bridges as { name: string; pid: number }[]
  }
  return { child, events, ended, directory, bridges }
}

function verdictOf({ events }: Demo) {
  return events.at(-1) as unknown as { event: string; ok: boolean; faults: string[]; rows: Row[]; produced: number }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** Runs the demo's own file in a folder without packages and without a build. */
async function runUnbuilt(...args: string[]): Promise<CommandResult> {
  const directory = await mkdtemp(join(tmpdir(), 'demo-unbuilt-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  for (const file of ['demo.mjs', 'demo/usage.txt'])
    await cp(projectFile('deploy', 'local', file), join(directory, 'deploy', 'local', file))
  return runCommand(process.execPath, [join(directory, 'deploy', 'local', 'demo.mjs'), ...args], { timeoutMs: 90_000 })
}

async function expectNothingLeft(demo: Demo, pids: number[]): Promise<void> {
  await eventually(() => expect(pids.filter(isRunning)).toEqual([]))
  await eventually(async () => expect(await readdir(demo.directory)).toEqual([]))
}

test('a short demo ends with everything arrived everywhere, once, and leaves nothing behind', async () => {
  const demo = await startDemo('--for', '8', '--seed', 'e2e')
  const bridges = await demo.bridges()
  const code = await demo.ended
  const { event, ok, faults, rows, produced } = verdictOf(demo)
  expect({ event, ok, faults, code }).toEqual({ event: 'verdict', ok: true, faults: [], code: 0 })
  expect(produced).toBeGreaterThan(30)
  for (const row of rows) expect(row).toMatchObject({ count: expect.any(Number), missing: 0, repeats: 0 })
  expect(rows.filter(({ count }) => count === 0)).toEqual([])
  await expectNothingLeft(
    demo,
    bridges.map(({ pid }) => pid),
  )
})

test('Ctrl-C ends the demo within 10 s and leaves neither process nor file', async () => {
  const demo = await startDemo()
  const bridges = await demo.bridges()
  await eventually(() => demo.events.some(({ event, produced }) => event === 'progress' && Number(produced) > 5), { timeoutMs: 20_000 })
  const interruptedAt = performance.now()
  demo.child.kill('SIGINT')
  expect(await demo.ended).toBe(0)
  expect(performance.now() - interruptedAt).toBeLessThan(granted(10_000))
  expect(verdictOf(demo)).toMatchObject({ event: 'stopped', faults: [] })
  await expectNothingLeft(
    demo,
    bridges.map(({ pid }) => pid),
  )
})

test('with three bridges of one node, of which one is killed every 5 s, nothing is missing and no browser sees anything twice', async () => {
  const demo = await startDemo('--for', '12', '--instances', '3', '--kill-every', '5', '--seed', 'kills')
  const bridges = await demo.bridges()
  const code = await demo.ended
  const { ok, faults, rows } = verdictOf(demo)
  expect({ ok, faults, code }).toEqual({ ok: true, faults: [], code: 0 })
  // Teranode's own protocol has no cursor, so a client of a killed bridge misses what came meanwhile.
  for (const row of rows.filter(({ arrow }) => arrow !== 'teranode')) expect(row).toMatchObject({ missing: 0 })
  const told = (event: string) => demo.events.filter((one) => one.event === event).map(({ bridge }) => bridge)
  expect(told('restart').length).toBeGreaterThan(0)
  expect(told('restart')).toEqual(told('kill').slice(0, told('restart').length))
  await expectNothingLeft(
    demo,
    bridges.map(({ pid }) => pid),
  )
})

test('Ctrl-C while everything is still starting ends the demo with 130, and leaves nothing behind', async () => {
  const demo = await startDemo()
  await eventually(() => expect(demo.events.map(({ step }) => step)).toContain('start Postgres'), { timeoutMs: STARTED_WITHIN_MS })
  demo.child.kill('SIGINT')
  expect(await demo.ended).toBe(130)
  expect(verdictOf(demo)).toMatchObject({ event: 'stopped' })
  await expectNothingLeft(demo, [])
})

test('--help is answered before anything is installed or built', async () => {
  const { code, stdout, stderr } = await runUnbuilt('--help')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('--kill-every SECONDS')
})
