/** The head of our own messages: `event`, `ping` and `caught-up` have their cursor in front of everything else. */
const HEAD = /^\{"type":"([a-z-]+)"(?:,"id":"[0-9a-f]*")?(?:,"cursor":"([^"]+)")?/

/**
 * A message of `gossip-bridge.v1+json` as a server-sent event: an event is a `message`, all others have the name of their type. The id is
 * the cursor, so that a browser sends it as `Last-Event-ID` when it connects again.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function serverSentEvent(frame: string): string {
  const [, type = '', cursor] = HEAD.exec(frame) ?? []
  const name = type === 'event' ? '' : `event: ${type}\n`
  const id = cursor === undefined ? '' : `id: ${cursor}\n`
  return `${name}${id}data: ${frame}\n\n`
}
