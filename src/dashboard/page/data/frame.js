export const SUBPROTOCOL = 'gossip-bridge.v1+json'

/** A message of the server. `raw` is its text, which has all digits of large integers. */
export function frameOf(text) {
  const frame = JSON.parse(text)
  frame.raw = text
  return frame
}
