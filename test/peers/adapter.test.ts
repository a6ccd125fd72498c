import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { expect, inject, test } from 'vitest'
import { freePorts } from '../../deploy/local/processes/free-ports.ts'
import { projectFile } from '../../deploy/local/programs/local-files.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { createTopic } from '../support/stack/create-topic.ts'
import { kafkaBrokers } from '../support/stack/shared-stack.ts'
import { tailTopic } from '../support/stack/tail-topic.ts'
import './peer-programs.ts'

const WITHIN = { timeoutMs: 60_000, intervalMs: 200 }
const tools = inject('grpcTools')

/** A child that is killed at the end of the test. */
function start(program: string, words: string[], environment: Record<string, string> = {}) {
  const child = spawn(program, words, { stdio: ['pipe', 'pipe', 'inherit'], env: { PATH: process.env.PATH ?? '', ...environment } })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const kill = () => {
    child.kill('SIGKILL')
    return ended
  }
  onEnd(kill)
  return { child, lines, kill }
}

async function startNode(program: string) {
  const { child, lines } = start(program, [])
  const said = (word: string) => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1))
  const address = await eventually(() => said('listening')[0], WITHIN)
  return { address, blocks: () => said('block'), subscriptions: () => said('subscribed').length, tell: tellTo(child) }
}

function tellTo(child: ChildProcess): (line: string) => void {
  return (line) => void child.stdin?.write(`${line}\n`)
}

test.runIf(tools)('the adapter follows a blockchain service in Go, through a kill, and writes each block once', async () => {
  if (!tools) throw new Error('the programs were not built')
  const node = await startNode(tools.blockchain)
  const prefix = `g${randomUUID().slice(0, 8)}.`
  await createTopic({ name: `${prefix}blockchain-notifications` })
  const environment = { KAFKA_BROKERS: kafkaBrokers().join('|'), TOPIC_PREFIX: prefix, BRIDGE_ID: prefix, NETWORK: 'regtest' }
  const startAdapter = async () => {
    const [port] = await freePorts(1)
    const more = { BLOCKCHAIN_GRPCADDRESS: node.address, HEALTHLISTENADDRESS: `127.0.0.1:${port}` }
    return start(process.execPath, [projectFile('dist', 'main.js'), 'adapt', 'teranode'], { ...environment, ...more })
  }
  const written = async () => {
    const values = (await tailTopic('notifications', environment)).map(({ value }) => value as { type: string; hash: string })
    return values.map(({ type, hash }) => `${type} ${hash}`)
  }
  const isWritten = (expected: string[]) => eventually(async () => expect(await written()).toEqual(expected), WITHIN)
  const lines: string[] = []
  const block = (hash: string) => lines.push(`Block ${hash}`, `MiningOn ${hash}`)

  const first = await startAdapter()
  await eventually(() => node.subscriptions() > 0, WITHIN)
  block(node.blocks()[0] ?? '')
  await isWritten(lines)
  node.tell('mine')
  block(await eventually(() => node.blocks()[1], WITHIN))
  await isWritten(lines)
  const subtree = 'ef'.repeat(32)
  node.tell(`subtree ${subtree}`)
  lines.push(`Subtree ${subtree}`)
  await isWritten(lines)
  const beforeHangUp = node.subscriptions()
  node.tell('hang-up')
  await eventually(() => node.subscriptions() > beforeHangUp, WITHIN)

  await first.kill()
  const beforeRestart = node.subscriptions()
  await startAdapter()
  await eventually(() => node.subscriptions() > beforeRestart, WITHIN)
  node.tell('mine')
  block(await eventually(() => node.blocks()[2], WITHIN))
  await isWritten(lines)
  const [last] = (await tailTopic('notifications', environment)).slice(-1)
  expect(last?.value).toMatchObject({ type: 'MiningOn', height: 2, miner: '/go/', txCount: 3 })
})
