import { expect } from 'vitest'
import { WebSocket } from 'ws'
import { SUBPROTOCOL } from '../../../src/websocket/feed/frames.ts'
import { eventually } from '../../support/eventually.ts'
import { frameFault } from '../../support/frame-schemas.ts'
import { onEnd } from '../../support/on-end.ts'

export interface Frame {
  readonly type: string
  readonly id?: string
  readonly cursor?: string | null
  readonly [name: string]: unknown
}

/** A client of the subprotocol (or of none) that keeps all it hears. */
export class FeedClient {
  readonly texts: string[] = []
  closed: { code: number; reason: string } | null = null
  readonly socket: WebSocket
  readonly #faults: string[] = []

  constructor(url: string, options: { protocols?: string[]; origin?: string; ca?: string; headers?: Record<string, string> } = {}) {
    const { protocols = [SUBPROTOCOL], ...others } = options
    this.socket = new WebSocket(url, protocols, { ...others, perMessageDeflate: false })
    this.socket.on('message', (data: Buffer) => {
      const text = data.toString()
      this.texts.push(text)
      if (this.socket.protocol === SUBPROTOCOL) this.#check(text)
    })
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
    })
    this.socket.on('error', () => {})
    onEnd(async () => {
      this.socket.terminate()
      expect(this.#faults).toEqual([])
    })
  }

  /** Each message has to be as the AsyncAPI document says. */
  #check(text: string): void {
    const fault = frameFault(JSON.parse(text))
    if (fault !== null) this.#faults.push(`${text.slice(0, 200)}: ${fault}`)
  }

  static async open(url: string, options: ConstructorParameters<typeof FeedClient>[1] = {}): Promise<FeedClient> {
    const client = new FeedClient(url, options)
    await eventually(() => client.socket.readyState === WebSocket.OPEN)
    return client
  }

  /** Opens, subscribes and waits until it is live. */
  static async live(url: string, subscription: Record<string, unknown> = {}): Promise<FeedClient> {
    const client = await FeedClient.open(url)
    client.subscribe(subscription)
    await client.caughtUp()
    return client
  }

  subscribe(subscription: Record<string, unknown> = {}): void {
    this.socket.send(JSON.stringify({ type: 'subscribe', ...subscription }))
  }

  async caughtUp(): Promise<void> {
    // Not by `frames`, which parses everything at each look.
    await eventually(() => this.texts.some((text) => text.startsWith('{"type":"caught-up"')), { timeoutMs: 60_000 })
  }

  frames(type?: string): Frame[] {
    const all = this.texts.map((text): Frame => JSON.parse(text))
    return type === undefined ? all : all.filter((frame) => frame.type === type)
  }

  /** Of single events, without parsing them. */
  eventCount(): number {
    return this.texts.reduce((count, text) => (text.startsWith('{"type":"event"') ? count + 1 : count), 0)
  }

  ids(): (string | undefined)[] {
    return this.frames('event').map(({ id }) => id)
  }

  async closing(): Promise<{ code: number; reason: string }> {
    return eventually(() => this.closed, { timeoutMs: 15_000 })
  }
}
