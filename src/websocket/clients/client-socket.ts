import type { FeedItem } from '../feed/feed-item.ts'

/** What a client is reached by: a WebSocket of uWebSockets.js, or a stream of server-sent events. */
export interface ClientSocket {
  getBufferedAmount(): number
  /** Sends what is written meanwhile at once. */
  cork(write: () => void): unknown
  send(text: string): unknown
  sendItem(item: Pick<FeedItem, 'frame' | 'bytes'>): unknown
  subscribe(topic: string): unknown
  unsubscribe(topic: string): unknown
  /** Ends with a code and a reason, which the client is told. */
  end(code: number, reason: string): unknown
  /** Ends at once, and drops unsent bytes. */
  close(): unknown
}
