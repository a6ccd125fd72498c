import type { LogEvent } from '../../src/events/event.ts'

const PEERS = ['12D3KooWGRUVh8aQ1ymZqDpXvEv4sE2nFbYuT5Rj7Z9kLmNoPqRs', '12D3KooWBmAwcd4PJNJvfV89HwE48nwkRmAgo8Vy3uQEyNNHBox2']
const MINERS = ['/taal.com/', '/gorilla/', '/mined by node-b/']

/** Events of every kind with plausible contents, each with an id of its own; `at` is when they were heard. */
export class SampleEvents {
  #serial = 0
  height = 850_000

  block(at = Date.now(), changes: { origin?: 'own' | 'network'; sameHeight?: boolean } = {}): LogEvent {
    if (!changes.sameHeight) this.height += 1
    const block = { hash: hashOf(this.height, '000000000000000'), height: this.height, header: null, dataHubUrl: this.#url() }
    return { ...this.#base(at, changes.origin), type: 'block', block }
  }

  subtree(at = Date.now()): LogEvent {
    return { ...this.#base(at), type: 'subtree', subtree: { hash: hashOf(this.#serial * 77), dataHubUrl: this.#url() } }
  }

  miningOn(at = Date.now()): LogEvent {
    const miningOn = {
      hash: hashOf(this.height, '000000000000000'),
      previousHash: hashOf(this.height - 1, '000000000000000'),
      height: this.height,
      miner: MINERS[this.#serial % 3] ?? '',
      sizeInBytes: BigInt(40_000 + 977 * this.#serial),
      txCount: BigInt(12 + (this.#serial % 4000)),
      dataHubUrl: this.#url(),
    }
    return { ...this.#base(at), type: 'mining-on', miningOn }
  }

  rejectedTx(reason = 'tx fee too low: 1 sat for 250 bytes', at = Date.now()): LogEvent {
    return { ...this.#base(at), type: 'rejected-tx', rejectedTx: { txId: hashOf(this.#serial * 31), reason } }
  }

  sync(at = Date.now()): LogEvent {
    const sync = { hash: hashOf(this.height + 3, '000000000000000'), height: this.height + 3, dataHubUrl: this.#url() }
    return { ...this.#base(at), type: 'sync', sync }
  }

  ban(key = '203.0.113.0/24', at = Date.now()): LogEvent {
    const ban = { action: 'add', key, until: at + 86_400_000, reason: 'spam', changed: true, cause: 'ban-commands:0:4' } as const
    return { ...this.#base(at, 'own'), type: 'ban', ban }
  }

  #base(at: number, origin: 'own' | 'network' = this.#serial % 3 === 0 ? 'own' : 'network') {
    this.#serial += 1
    const peerId = origin === 'own' ? null : (PEERS[this.#serial % 2] ?? null)
    return { id: hashOf(this.#serial).slice(0, 32), network: 'regtest', bridgeId: 'node-a', origin, peerId, receivedAt: at } as const
  }

  #url(): string {
    return `http://node-${'ab'[this.#serial % 2]}.example:8090/api/v1`
  }
}

/** Spreads a number over all of a hash, the same each time. */
function hashOf(number: number, zeros = ''): string {
  let state = (number * 2654435761 + 12345) >>> 0
  let text = zeros
  while (text.length < 64) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    text += state.toString(16).padStart(8, '0')
  }
  return text.slice(0, 64)
}
