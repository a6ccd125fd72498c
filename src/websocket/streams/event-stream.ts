import type uWS from 'uWebSockets.js'
import type { ClientSocket } from '../clients/client-socket.ts'
import type { FeedItem } from '../feed/feed-item.ts'
import { utf8 } from '../utf8.ts'
import { serverSentEvent } from './server-sent-event.ts'
import type { StreamTopics } from './stream-topics.ts'

export interface EventStreamDeps {
  readonly topics: Pick<StreamTopics, 'subscribe' | 'unsubscribe'>
  /** All unsent bytes have been sent. */
  onDrain(): void
  onClose(code: number, reason: string): void
}

/** Upper bound of one write. */
const WRITE_BYTES = 64 * 1024
/** A comment: it makes uWebSockets.js send what it holds, which it does not by itself for a response with an `onWritable` handler. */
const PROBE = ':\n\n'
const ABNORMAL_CLOSURE = 1006

/**
 * A response that goes on for ever: server-sent events. What is sent within one turn of the event loop is one write. uWebSockets.js
 * does not tell how much it holds, so at the first write that it cannot send whole, the rest is kept here. It cuts the connection of a client that
 * takes nothing for 10 s.
 */
export class EventStream implements ClientSocket {
  readonly #deps: EventStreamDeps
  #response: uWS.HttpResponse | null
  #waiting: string[] = []
  #waitingBytes = 0
  /** Bytes that the library holds; 0 while it takes more. */
  #heldBytes = 0
  #isScheduled = false

  /** `response` has its status and headers. */
  constructor(response: uWS.HttpResponse, deps: EventStreamDeps) {
    this.#deps = deps
    this.#response = response
    response.onAborted(() => this.#closed(ABNORMAL_CLOSURE, ''))
    response.onWritable(() => this.#writable())
  }

  /** What waits for the end of this turn only is sent first: it is not unsent because the client is slow. */
  getBufferedAmount(): number {
    this.#sendOn()
    return this.#waitingBytes + this.#heldBytes
  }

  cork(write: () => void): void {
    write()
  }

  send(text: string): void {
    this.push(serverSentEvent(text))
  }

  sendItem({ frame }: Pick<FeedItem, 'frame'>): void {
    this.push(serverSentEvent(frame))
  }

  push(event: string): void {
    if (this.#response === null) return
    this.#waiting.push(event)
    this.#waitingBytes += event.length
    if (this.#isScheduled) return
    this.#isScheduled = true
    queueMicrotask(() => {
      this.#isScheduled = false
      this.#sendAll()
    })
  }

  subscribe(topic: string): void {
    this.#deps.topics.subscribe(topic, this)
  }

  unsubscribe(topic: string): void {
    this.#deps.topics.unsubscribe(topic, this)
  }

  end(code: number, reason: string): void {
    const response = this.#response
    if (response === null) return
    const last = this.#waiting.join('') + serverSentEvent(JSON.stringify({ type: 'closing', code, reason }))
    this.#closed(code, reason)
    response.cork(() => response.end(utf8(last), true))
  }

  close(): void {
    const response = this.#response
    if (response === null) return
    response.close() // calls the handler of onAborted
  }

  #sendAll(): void {
    if (this.getBufferedAmount() === 0) this.#deps.onDrain()
  }

  #sendOn(): void {
    while (this.#response !== null && this.#heldBytes === 0 && this.#waiting.length > 0) {
      const text = this.#takeSome()
      if (!this.#write(text)) this.#heldBytes = text.length
    }
  }

  #takeSome(): string {
    let bytes = 0
    let count = 0
    while (count < this.#waiting.length && bytes < WRITE_BYTES) bytes += this.#waiting[count++]?.length ?? 0
    this.#waitingBytes -= bytes
    return this.#waiting.splice(0, count).join('')
  }

  /** False if the library holds some of it. */
  #write(text: string): boolean {
    let isSent = false
    const response = this.#response
    response?.cork(() => {
      isSent = response.write(utf8(text))
    })
    return isSent
  }

  /** What it returns tells the library that the handler has done its part. */
  #writable(): boolean {
    if (!this.#write(PROBE)) return true
    this.#heldBytes = 0
    this.#sendAll()
    return true
  }

  #closed(code: number, reason: string): void {
    if (this.#response === null) return
    this.#response = null
    this.#waiting = []
    this.#waitingBytes = 0
    this.#heldBytes = 0
    this.#deps.onClose(code, reason)
  }
}
