import { serverSentEvent } from './server-sent-event.ts'

/** A stream that follows topics. */
export interface TopicFollower {
  /** Sends a server-sent event as it is. */
  push(event: string): void
}

/** Which streams follow which topics: what uWebSockets.js does for WebSockets. A text is framed once for all streams. */
export class StreamTopics {
  readonly #followers = new Map<string, Set<TopicFollower>>()

  publish(topic: string, text: string): void {
    const followers = this.#followers.get(topic)
    if (followers === undefined) return
    const event = serverSentEvent(text)
    for (const follower of followers) follower.push(event)
  }

  isFollowed(topic: string): boolean {
    return this.#followers.has(topic)
  }

  subscribe(topic: string, follower: TopicFollower): void {
    const followers = this.#followers.get(topic)
    if (followers) followers.add(follower)
    else this.#followers.set(topic, new Set([follower]))
  }

  unsubscribe(topic: string, follower: TopicFollower): void {
    const followers = this.#followers.get(topic)
    if (followers?.delete(follower) && followers.size === 0) this.#followers.delete(topic)
  }
}
