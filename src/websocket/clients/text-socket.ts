import type uWS from 'uWebSockets.js'
import type { FeedItem } from '../feed/feed-item.ts'
import { utf8 } from '../utf8.ts'
import type { ClientSocket } from './client-socket.ts'

/** A WebSocket that sends text as bytes of our own: see utf8.ts. */
export class TextSocket<UserData> implements ClientSocket {
  readonly #socket: uWS.WebSocket<UserData>

  constructor(socket: uWS.WebSocket<UserData>) {
    this.#socket = socket
  }

  getBufferedAmount(): number {
    return this.#socket.getBufferedAmount()
  }

  cork(write: () => void): void {
    this.#socket.cork(write)
  }

  send(text: string): void {
    this.#socket.send(utf8(text), false)
  }

  sendItem({ bytes }: Pick<FeedItem, 'bytes'>): void {
    this.#socket.send(bytes, false)
  }

  subscribe(topic: string): void {
    this.#socket.subscribe(topic)
  }

  unsubscribe(topic: string): void {
    this.#socket.unsubscribe(topic)
  }

  end(code: number, reason: string): void {
    this.#socket.end(code, utf8(reason))
  }

  close(): void {
    this.#socket.close()
  }
}
