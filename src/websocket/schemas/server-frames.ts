/** A JSON Schema (draft 7, which AsyncAPI 3 takes). */
export type JsonSchema = Readonly<Record<string, unknown>>

export const CURSOR: JsonSchema = {
  type: 'string',
  pattern: '^v1\\.(0|[1-9]\\d*)\\.[0-9a-f]{8}$',
  description: 'A place in the event log, on every instance. Keep it as it is.',
}
const CURSOR_OR_NULL: JsonSchema = { ...CURSOR, type: ['string', 'null'] }
const TEXT: JsonSchema = { type: 'string' }
const TIME: JsonSchema = { type: 'integer', description: 'Milliseconds since the epoch.' }
const COUNT: JsonSchema = { type: 'integer', minimum: 0 }

/** The schema of a message: an object that `type` names, with these properties, all of them required but those of `optional`. */
export function message(
  type: string,
  description: string,
  properties: Readonly<Record<string, JsonSchema>>,
  optional: readonly string[] = [],
) {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', description, properties: { type: { const: type }, ...properties }, required: ['type', ...required] }
}

const LIMITS = ['last', 'messageBytes', 'messagesPerSecond', 'unsentBytes']
const limits: JsonSchema = {
  type: 'object',
  description: 'What a client may do.',
  properties: Object.fromEntries(LIMITS.map((name) => [name, COUNT])),
  required: LIMITS,
}

const filter: JsonSchema = {
  type: ['object', 'null'],
  properties: {
    peer: { type: ['array', 'null'], items: TEXT },
    minHeight: { type: ['integer', 'null'] },
    hashPrefix: { type: ['string', 'null'] },
    origin: { enum: ['own', 'network', null] },
  },
  required: ['peer', 'minHeight', 'hashPrefix', 'origin'],
}

/** What the server sends, by `type`. `data` is the schema of an event's data, of any type. Clients ignore properties that they do not know. */
export function serverFrames(data: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return {
    hello: message(
      'hello',
      'The first message.',
      {
        ...{ server: TEXT, instance: TEXT, bridgeId: TEXT, network: TEXT, clientName: TEXT },
        peerId: { type: ['string', 'null'], description: 'Peer id of the instance; null without the role relay.' },
        oldest: { ...CURSOR_OR_NULL, description: 'Of the first event that there is; null if there is none. Left out while not known.' },
        newest: { ...CURSOR_OR_NULL, description: 'The same of the last event.' },
        types: { type: 'array', items: TEXT, description: 'What a client may subscribe to.' },
        limits,
        time: TIME,
      },
      ['oldest', 'newest'],
    ),
    subscribed: message('subscribed', 'The subscription as it was understood.', {
      types: { type: 'array', items: TEXT },
      filter,
      batch_ms: COUNT,
    }),
    event: message('event', 'An event of the event log.', {
      id: { type: 'string', pattern: '^[0-9a-f]{32}$', description: 'The same for all copies of the event, on every instance.' },
      cursor: CURSOR,
      data,
    }),
    gap: message(
      'gap',
      'Events are missing.',
      {
        requested: { ...CURSOR_OR_NULL, description: 'The cursor before the gap; null for a client that had none.' },
        reason: { ...TEXT, description: 'expired, unknown-cursor, skipped, topic-made-anew, truncated, undecodable.' },
        missed: { ...COUNT, description: 'Upper bound on the events between, where it is known.' },
        oldest: { ...CURSOR_OR_NULL, description: 'The cursor of the next event; null if none is there yet.' },
      },
      ['missed'],
    ),
    'caught-up': message('caught-up', 'All of the past is sent: what follows is live.', { cursor: CURSOR_OR_NULL }),
    ping: message('ping', 'Every 10 s, with the cursor up to which the client has everything.', { cursor: CURSOR_OR_NULL, time: TIME }),
    unsubscribed: message('unsubscribed', 'The answer to unsubscribe.', { cursor: CURSOR_OR_NULL }),
    error: message('error', 'What the client did wrong, and what to do. A close follows.', {
      code: { enum: ['bad-message', 'no-subscribe', 'too-many-filters'] },
      message: TEXT,
    }),
  }
}

/** Only in a stream of server-sent events: the close code and the reason that a WebSocket would get. */
export const CLOSING = message('closing', 'The stream ends.', { code: { type: 'integer' }, reason: TEXT })
