import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { expect, inject, test } from 'vitest'
import { startBridgeProcess } from '../support/bridge/bridge-process.ts'
import { createTwoNodes } from '../support/bridge/node-environment.ts'
import { createNodeServices } from '../support/bridge/node-services.ts'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import './peer-programs.ts'

const WITHIN = { timeoutMs: 120_000, intervalMs: 100 }
const EACH = 40

interface Line {
  readonly event: 'event' | 'live' | 'gap'
  readonly hash?: string
}

/** Starts a client of the stream; what it says, as it comes. */
function startClient(program: string, url: string): Line[] {
  const child = spawn(program, ['subtree', url], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  onEnd(() => {
    child.kill('SIGKILL')
    return ended
  })
  const said: Line[] = []
  createInterface({ input: child.stdout }).on('line', (line) => said.push(JSON.parse(line)))
  return said
}

test('clients in Go, Python, Java and Rust, written from the page alone, miss nothing while a bridge is killed and started again', async () => {
  const [node] = await createTwoNodes()
  const services = await createNodeServices()
  const announce = () => services.announceSubtrees(node.topic('blockchain-notifications'), EACH)
  const bridge = startBridgeProcess(node.environment)
  await bridge.ready()
  const url = `${node.httpUrl.replace('http', 'ws')}/ws`
  const clients = Object.entries(inject('streamClients')).map(([name, program]) => ({ name, said: startClient(program, url) }))
  for (const { name, said } of clients)
    await eventually(
      () =>
        expect(
          said.map(({ event }) => event),
          name,
        ).toContain('live'),
      WITHIN,
    )

  const hashes = await announce()
  const arrived = async () => {
    for (const { name, said } of clients) {
      const heard = new Set(said.map(({ hash }) => hash))
      expect(
        hashes.filter((hash) => !heard.has(hash)),
        name,
      ).toEqual([])
    }
  }
  await eventually(arrived, WITHIN)
  await bridge.end('SIGKILL')
  hashes.push(...(await announce()))
  const again = startBridgeProcess(node.environment)
  await again.ready()
  hashes.push(...(await announce()))
  await eventually(arrived, WITHIN)
  for (const { name, said } of clients) {
    const heard = said.filter(({ event }) => event === 'event')
    expect(new Set(heard.map(({ hash }) => hash)).size, `${name}: each once`).toBe(heard.length)
    expect(
      said.filter(({ event }) => event === 'gap'),
      name,
    ).toEqual([])
  }
})
