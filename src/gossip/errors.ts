/** A setting of the host is wrong. The message names the setting and the correct form; it never shows a secret. */
export class GossipSettingsError extends Error {
  override readonly name = 'GossipSettingsError'
  readonly code = 'BRIDGE_GOSSIP_SETTINGS'
}

/** The host could not start listening. */
export class GossipStartError extends Error {
  override readonly name = 'GossipStartError'
  readonly code = 'BRIDGE_GOSSIP_START'
}

/** The message would not fit into one gossip RPC. Permanent: a retry cannot succeed. */
export class MessageTooLargeError extends Error {
  override readonly name = 'MessageTooLargeError'
  readonly code = 'BRIDGE_GOSSIP_MESSAGE_TOO_LARGE'

  constructor(topic: string, bytes: number, limit: number) {
    super(
      `a message of ${bytes} bytes for ${topic} is above the limit of ${limit} bytes: peers would cut the connection, so it was not sent`,
    )
  }
}

/** The queue of messages to publish is full. Transient: try again later. */
export class OutboundFullError extends Error {
  override readonly name = 'OutboundFullError'
  readonly code = 'BRIDGE_GOSSIP_OUTBOUND_FULL'
}

/** The host is stopping or not started, so nothing is published. The message is valid and must be kept. */
export class GossipStoppedError extends Error {
  override readonly name = 'GossipStoppedError'
  readonly code = 'BRIDGE_GOSSIP_STOPPED'
}
