import { LATEST_MS, MAX_BATCH_MS, SECONDS } from '../clients/client-message.ts'
import { CURSOR, type JsonSchema, message } from './server-frames.ts'

export interface ClientFramesOptions {
  readonly types: readonly string[]
  readonly maxLast: number
}

const PEER: JsonSchema = { type: 'string', minLength: 1, maxLength: 128 }

/** A date from 1970 on, or a time with its zone. That the month has such a day is beyond a pattern: the server refuses 30 February. */
const TIME =
  '^(19[7-9]\\d|[2-9]\\d{3})-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])([Tt ](([01]\\d|2[0-3]):[0-5]\\d(:[0-5]\\d(\\.\\d+)?)?|24:00(:00(\\.0+)?)?)([Zz]|[+-]([01]\\d|2[0-3]):[0-5]\\d))?$'

const filter: JsonSchema = {
  type: 'object',
  description: 'Parts that an event has to pass. An event without the property does not pass.',
  properties: {
    peer: { oneOf: [PEER, { type: 'array', items: PEER, minItems: 1, maxItems: 32 }], description: 'Peer ids of signers.' },
    minHeight: { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
    hashPrefix: { type: 'string', pattern: '^[0-9a-fA-F]{1,64}$', description: 'In display order.' },
    origin: { enum: ['own', 'network'] },
  },
  additionalProperties: false,
}

/** What a client sends, by `type`. */
export function clientFrames({ types, maxLast }: ClientFramesOptions): Readonly<Record<string, JsonSchema>> {
  const properties: Record<string, JsonSchema> = {
    types: { type: 'array', items: { enum: types }, minItems: 1, description: 'Without it all but instance.' },
    filter,
    cursor: { ...CURSOR, description: 'Everything after this event.' },
    since: {
      oneOf: [
        { type: 'integer', minimum: 0, maximum: LATEST_MS, not: { minimum: SECONDS.from, exclusiveMaximum: SECONDS.to } },
        { type: 'string', pattern: TIME },
      ],
      description: 'Everything from this time on: milliseconds since the epoch (not seconds), a date, or a time with its zone.',
    },
    last: { type: 'integer', minimum: 0, maximum: maxLast, description: 'At most the last so many events.' },
    batch_ms: { type: 'integer', minimum: 0, maximum: MAX_BATCH_MS, description: 'Above 0: events come as arrays, at most so late.' },
  }
  const subscribe = message('subscribe', 'Within 10 s; a later one takes its place.', properties, Object.keys(properties))
  return {
    subscribe: { ...subscribe, additionalProperties: false, not: { required: ['cursor', 'since'] } },
    unsubscribe: message('unsubscribe', 'No more events until the next subscribe.', {}),
    pong: message('pong', 'A sign of life, for clients that cannot answer pings.', {}),
  }
}
