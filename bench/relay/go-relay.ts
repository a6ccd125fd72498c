import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { cacheDirectory, makeOnce } from '../../deploy/local/programs/cache.ts'
import { runCommand } from '../../deploy/local/programs/command.ts'
import { projectFile } from '../../deploy/local/programs/local-files.ts'
import { findTool, fingerprint, GO } from '../../deploy/local/programs/toolchain.ts'
import type { BenchContext } from '../support/bench.ts'
import { type BenchNode, createNode } from '../support/bridge.ts'
import type { RelayPair } from './relay-pair.ts'

const BUILD_DEADLINE_MS = 900_000
const START_DEADLINE_MS = 60_000
const STOP_DEADLINE_MS = 10_000
const GOSSIP_TOPIC = 'bitcoin/regtest-subtree'

/** The program of `bench/relay/go`, built once for its sources into the cache; undefined without Go. */
export async function buildGoRelay(say: (line: string) => void): Promise<string | undefined> {
  const go = findTool(GO)
  if (go === undefined) return undefined
  const sources = projectFile('bench', 'relay', 'go')
  const folder = join(cacheDirectory(), 'bench', `relay-${fingerprint([sources])}`)
  const build = async () => {
    const work = `${folder}.partial`
    await rm(work, { recursive: true, force: true })
    await mkdir(dirname(work), { recursive: true })
    await cp(sources, work, { recursive: true })
    say('building the bare relay in Go, once')
    const { code, stderr } = await runCommand(go, ['build', '-o', 'relay', '.'], { cwd: work, timeoutMs: BUILD_DEADLINE_MS })
    if (code !== 0) throw new Error(`the bare relay could not be built: ${stderr.slice(-3000)}`)
    await rename(work, folder)
  }
  await makeOnce(folder, build, { deadlineMs: BUILD_DEADLINE_MS })
  return join(folder, 'relay')
}

/** `queue` is the length of each queue of go-libp2p-pubsub; 0 keeps its defaults, with which it drops messages of a burst. */
export async function startGoPair({ program, queue }: { program: string; queue: number }, context: BenchContext): Promise<RelayPair> {
  // The same topics as those of a bridge, so that the broker does the same for both.
  const [from, to] = [await createNode(context), await createNode(context)]
  const receiver = startRelay(program, argumentsOf(to, { queue }), context)
  const sender = startRelay(program, argumentsOf(from, { queue, peer: await receiver.says('listening') }), context)
  await Promise.all([sender.says('ready'), receiver.says('ready')])
  return {
    name: 'Go',
    inTopic: from.topic('blockchain-notifications'),
    outTopic: to.topic('p2p-events'),
    sender,
    receiver,
    stop: async () => void (await Promise.all([sender.stop(), receiver.stop()])),
  }
}

function argumentsOf(node: BenchNode, { queue, peer = '' }: { queue: number; peer?: string }): string[] {
  const options = {
    brokers: node.environment.KAFKA_BROKERS ?? '',
    in: node.topic('blockchain-notifications'),
    out: node.topic('p2p-events'),
    group: node.topic('relay'),
    gossip: GOSSIP_TOPIC,
    peer,
    queue: `${queue}`,
  }
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, value])
}

interface GoRelay {
  readonly pid: number
  /** The rest of the first line that begins with this word. */
  says(word: string): Promise<string>
  stop(): Promise<void>
}

function startRelay(program: string, args: string[], { guard, scope }: BenchContext): GoRelay {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const pid = child.pid ?? 0
  guard.watch(pid)
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve())).finally(() => guard.forget(pid))
  const lines = linesOf(child)
  const stop = async () => {
    child.stdin?.end()
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS)
    await ended
    clearTimeout(timer)
  }
  scope.add(stop)
  return { pid, says: lines, stop }
}

function linesOf(child: ChildProcess): (word: string) => Promise<string> {
  const said = new Map<string, string>()
  const waiting = new Set<() => void>()
  const wakeAll = () => {
    for (const wake of waiting) wake()
  }
  if (child.stdout) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [word = '', ...rest] = line.split(' ')
      said.set(word, rest.join(' '))
      wakeAll()
    })
  }
  child.once('close', wakeAll)
  return (word) =>
    new Promise((resolve, reject) => {
      const done = (settle: () => void) => {
        clearTimeout(timer)
        waiting.delete(look)
        settle()
      }
      const fail = (why: string) => done(() => reject(new Error(`the bare relay ${why} before it said "${word}"`)))
      const timer = setTimeout(() => fail('took too long'), START_DEADLINE_MS)
      const look = () => {
        const rest = said.get(word)
        if (rest !== undefined) done(() => resolve(rest))
        else if (child.exitCode !== null) fail(`ended with ${child.exitCode}`)
      }
      waiting.add(look)
      look()
    })
}
