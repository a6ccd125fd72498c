import '../../../src/lifecycle/promise-with-resolvers.ts'
import type { Attack, AttackContext } from './attack.ts'
import * as connections from './connection-attacks.ts'
import * as messages from './message-attacks.ts'
import { RawPeer, type RawPeerOptions } from './raw-peer.ts'
import * as rpcs from './rpc-attacks.ts'

// Runs one attack until its standard input ends. The options are the first argument, as JSON.
const attacks: Readonly<Record<string, Attack>> = { ...messages, ...rpcs, ...connections }
const options = JSON.parse(process.argv[2] ?? '{}') as Pick<AttackContext, 'target' | 'honest' | 'topics'> & {
  attack: string
  localAddress: string
}
const stopping = new AbortController()
const peers: RawPeer[] = []
const counts: Record<string, number> = {}
const tell = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`)

const context: AttackContext = {
  ...options,
  stopped: stopping.signal,
  async createPeer(wanted: RawPeerOptions = {}) {
    const peer = await RawPeer.create({ localAddress: options.localAddress, stopped: stopping.signal, ...wanted })
    peers.push(peer)
    tell({ event: 'peer', peerId: peer.peerId })
    return peer
  },
  count(what, times = 1) {
    counts[what] = (counts[what] ?? 0) + times
  },
}

process.stdin.on('data', () => {}).on('end', () => stopping.abort())
process.on('unhandledRejection', () => context.count('failed'))
const attack = attacks[options.attack]
if (!attack) throw new Error(`there is no attack ${options.attack}`)
tell({ event: 'begun' })
setInterval(() => tell({ event: 'counts', counts }), 200)
await attack(context)
tell({ event: 'counts', counts })
process.exit(0)
