import type { Cleanup } from '../stack/cleanup.ts'
import type { DemoNode } from '../stack/nodes.ts'
import { createRegistryReader, type ValueReader } from '../stack/schema-registry.ts'
import { type BrowserClient, connectBrowser, connectTeranodeClient } from './browser-client.ts'
import { type Kind, type Ledger, NODES, type NodeName } from './ledger.ts'
import { type ReadRecord, readTopics } from './read-topics.ts'

export interface ObserveOptions {
  readonly kafkaBrokers: readonly string[]
  readonly nodes: Record<NodeName, DemoNode>
}

export interface ObserveDeps {
  readonly ledger: Ledger
  readonly cleanup: Cleanup
  readonly signal: AbortSignal
  /** Called when a browser sees what it must never see: a gap, or a repeat without a resume. */
  readonly onFault: (sentence: string) => void
}

/** The clients that watch the nodes from outside. */
export interface Observers {
  readonly browsers: Record<NodeName, BrowserClient>
  readonly teranodeClients: Record<NodeName, BrowserClient>
}

/** The fields of an entry of the event log that the demo uses. */
interface EventEntry {
  readonly id: string
  readonly type: string
  readonly origin: string
  readonly peerId: string | null
  readonly block?: { hash: string } | null
  readonly subtree?: { hash: string } | null
  readonly miningOn?: { hash: string } | null
  readonly rejectedTx?: { txId: string } | null
}

const TERANODE_KINDS: Record<string, Kind> = { block: 'block', subtree: 'subtree', mining_on: 'mining-on' }

/** Watches both nodes from outside, by Kafka and by WebSocket, and writes all arrivals into the ledger. */
export async function observe({ kafkaBrokers, nodes }: ObserveOptions, deps: ObserveDeps): Promise<Observers> {
  const { ledger, cleanup, signal } = deps
  const layer = cleanup.layer()
  const nodeOfPeer = new Map(NODES.flatMap((name) => nodes[name].bridges.map(({ peerId }) => [peerId, name])))
  const registries = NODES.flatMap((name) => nodes[name].bridges.map(({ healthPort }) => `http://127.0.0.1:${healthPort}/schema-registry`))
  const read = createRegistryReader({ registries }, { signal })
  const places = new Map(NODES.flatMap((name) => placesOf(nodes[name]).map(([topic, station]) => [topic, { name, station }])))

  const reader = await readTopics(
    { brokers: kafkaBrokers, topics: [...places.keys()] },
    {
      onRecord: async (record) => {
        const place = places.get(record.topic)
        const seenAt = Date.now()
        if (place?.station === 'log') await toLog(record, { to: place.name, ledger, nodeOfPeer, read })
        else if (place && record.value) {
          const { eventId } = (await read(record.value)) as { eventId: string }
          ledger.follow(place.name, 'validation', eventId, seenAt)
        }
      },
    },
  )
  layer.add(() => reader.stop())

  const browser = (name: NodeName) =>
    connectBrowser(
      { urls: socketUrls(nodes[name]) },
      {
        onEvent: (id) => ledger.follow(name, 'browser', id, Date.now()),
        onGap: (text) => deps.onFault(`the browser at ${name} was told of a gap: ${text}`),
        onRepeat: (id) => deps.onFault(`the browser at ${name} got event ${id} twice on one connection`),
      },
    )
  const teranode = (name: NodeName) =>
    connectTeranodeClient(
      { urls: socketUrls(nodes[name]) },
      {
        onObject: ({ type, hash, peer_id }) => {
          const [from, kind] = [nodeOfPeer.get(peer_id ?? ''), TERANODE_KINDS[type]]
          if (from && kind && hash) ledger.teranode(name, from, kind, hash, Date.now())
        },
      },
    )
  const browsers = { A: browser('A'), B: browser('B') }
  const teranodeClients = { A: teranode('A'), B: teranode('B') }
  const clients = [...Object.values(browsers), ...Object.values(teranodeClients)]
  layer.add(async () => {
    for (const client of clients) client.close()
  })
  await Promise.all(clients.map(({ ready }) => ready))
  return { browsers, teranodeClients }
}

interface LogDeps {
  readonly to: NodeName
  readonly ledger: Ledger
  readonly nodeOfPeer: ReadonlyMap<string, NodeName>
  readonly read: ValueReader
}

async function toLog({ value, timestamp }: ReadRecord, { to, ledger, nodeOfPeer, read }: LogDeps): Promise<void> {
  if (!value) return
  const entry = (await read(value)) as EventEntry
  const hash = entry.block?.hash ?? entry.subtree?.hash ?? entry.miningOn?.hash ?? entry.rejectedTx?.txId
  const from = entry.origin === 'own' ? to : nodeOfPeer.get(entry.peerId ?? '')
  ledger.log(to, { id: entry.id, from: hash === undefined ? undefined : from, kind: entry.type as Kind, hash: hash ?? '', at: timestamp })
}

function placesOf({ topicPrefix }: DemoNode): [string, 'log' | 'validation'][] {
  return [
    [`${topicPrefix}p2p-events`, 'log'],
    [`${topicPrefix}blocks`, 'validation'],
    [`${topicPrefix}subtrees`, 'validation'],
  ]
}

function socketUrls({ bridges }: DemoNode): string[] {
  return bridges.map(({ httpPort }) => `ws://127.0.0.1:${httpPort}/p2p-ws`)
}
