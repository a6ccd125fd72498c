import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { inject } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { onEnd } from '../support/on-end.ts'
import { PEER_KINDS, type PeerKind } from './build/build-peers.ts'
import './peer-programs.ts'

/** The kinds of peers that this machine could build. */
export const builtKinds: readonly PeerKind[] = PEER_KINDS.filter((kind) => inject('peerPrograms')[kind] !== undefined)

export interface PeerOptions {
  /** 32 bytes in hex: makes the identity; a new one by default. */
  readonly seed?: string
  /** Any free port by default. */
  readonly port?: number
  /** 32 bytes in hex: the shared key of a private network. */
  readonly psk?: string
  /** Prefix of a DHT in which it serves. */
  readonly kad?: string
  /** Client name: makes it a node of Teranode's message bus. Go only. */
  readonly bus?: string
  /** Addresses of its direct peers on the message bus, separated by `|`. */
  readonly direct?: string
}

/** An event that a peer reports; see programs/protocol.md. */
export interface PeerEvent {
  readonly event: string
  readonly [field: string]: string
}

type Command =
  | { readonly do: 'subscribe'; readonly topic: string }
  | { readonly do: 'connect'; readonly address: string }
  | { readonly do: 'publish'; readonly topic: string; readonly data: string }
  | { readonly do: 'send'; readonly peerId: string; readonly data: string }
  | { readonly do: 'announce'; readonly topic: string; readonly message: object }
  | { readonly do: 'ask'; readonly peerId: string; readonly about: string }
  | { readonly do: 'discover'; readonly topic: string }
  | { readonly do: 'burst'; readonly topic: string; readonly count: number; readonly bytes: number; readonly inMs: number }

/** A running peer of another implementation. */
export interface Peer {
  readonly peerId: string
  readonly address: string
  readonly port: number
  /** Resolves when the peer has done it. */
  run(command: Command): Promise<void>
  publish(topic: string, data: Uint8Array): Promise<void>
  /** Sends an object to a neighbour on a direct stream. Go only. */
  send(peerId: string, object: object): Promise<void>
  /** The data of what it received on a topic, in order. */
  received(topic: string): Buffer[]
  /** How often somebody subscribed to a topic: once for each connection. */
  subscriptions(topic: string, peerId: string): number
  /** Its events of a name, in order. */
  events(name: string): readonly PeerEvent[]
  kill(): Promise<void>
}

/** Starts a peer and subscribes it. The end of the test ends it. */
export async function startPeer(kind: PeerKind, topics: readonly string[], options: PeerOptions = {}): Promise<Peer> {
  const child = launch(kind, options)
  const events: PeerEvent[] = []
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-2000)
  })
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)))
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const kill = () => {
    child.kill('SIGKILL')
    return ended
  }
  onEnd(kill)
  const started = await eventually(() => events.find(({ event }) => event === 'started'), { timeoutMs: 10_000 }).catch((cause) => {
    throw new Error(`the ${kind} peer did not start: ${errors}`, { cause })
  })

  let asked = 0
  async function run(command: Command): Promise<void> {
    const isAnswer = ({ event, do: name }: PeerEvent) => (event === 'done' || event === 'failed') && name === command.do
    const before = events.filter(isAnswer).length + asked
    asked += 1
    child.stdin?.write(`${JSON.stringify(command)}\n`)
    const answer = await eventually(() => events.filter(isAnswer)[before], { timeoutMs: 30_000 }).finally(() => {
      asked -= 1
    })
    if (answer.event === 'failed') throw new Error(`the ${kind} peer could not ${command.do}: ${answer.error}`)
  }
  for (const topic of topics) await run({ do: 'subscribe', topic })
  return {
    peerId: started.peerId ?? '',
    address: started.address ?? '',
    port: Number(/\/tcp\/(\d+)\//.exec(started.address ?? '')?.[1]),
    run,
    publish: (topic, data) => run({ do: 'publish', topic, data: Buffer.from(data).toString('base64') }),
    send: (peerId, object) => run({ do: 'send', peerId, data: Buffer.from(JSON.stringify(object)).toString('base64') }),
    received: (topic) =>
      events.flatMap((entry) => (entry.event === 'message' && entry.topic === topic ? [Buffer.from(entry.data ?? '', 'base64')] : [])),
    subscriptions: (topic, peerId) =>
      events.filter((entry) => entry.event === 'subscriber' && entry.topic === topic && entry.peerId === peerId).length,
    events: (name) => events.filter(({ event }) => event === name),
    kill,
  }
}

function launch(kind: PeerKind, options: PeerOptions): ChildProcess {
  const program = inject('peerPrograms')[kind]
  if (program === undefined) throw new Error(`the ${kind} peer was not built`)
  const args = Object.entries(options).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, `${value}`]))
  return spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
}
