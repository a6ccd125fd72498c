import type { JsonSchema } from '../json-schema.ts'

const text: JsonSchema = { type: 'string' }
const flag: JsonSchema = { type: 'boolean' }
const count: JsonSchema = { type: 'integer' }
const time: JsonSchema = { type: 'string', format: 'date-time' }
const timeOrNull: JsonSchema = { type: ['string', 'null'], format: 'date-time', description: 'Null for a ban without an end.' }
const textOrNull: JsonSchema = { type: ['string', 'null'] }
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items })
const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })
const object = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
})

const ban = object({ key: text, until: timeOrNull, since: time, reason: text, cause: text })

/** The answers of the API, by their names in the OpenAPI document. */
export const ANSWER_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Error: object({ error: text }),
  Ban: ban,
  BanPage: object({ bans: list(ref('Ban')), next: textOrNull, total: count }),
  BanCheck: { ...object({ key: text, banned: flag, by: { ...ban, type: ['object', 'null'] } }) },
  BanChange: object({
    action: { type: 'string', enum: ['add', 'remove', 'clear', 'expire'] },
    key: text,
    until: timeOrNull,
    reason: text,
    changed: flag,
    sentence: text,
  }),
  Peer: object({
    peerId: text,
    address: textOrNull,
    direction: { type: 'string', enum: ['inbound', 'outbound'] },
    connectedAt: time,
    topics: list(text),
    isOfSettings: flag,
    isSibling: flag,
  }),
  Peers: object({ peers: list(ref('Peer')) }),
  Score: object({ peerId: text, points: count, at: time }),
  Scores: object({ isKept: flag, scores: list(ref('Score')) }),
  PeerChange: object({ peerId: text, changed: flag, sentence: text }),
  Status: object({
    version: text,
    bridgeId: text,
    instanceId: text,
    network: text,
    roles: list(text),
    peerId: text,
    ready: flag,
    parts: list({
      type: 'object',
      required: ['part', 'ready', 'reason'],
      properties: { part: text, ready: flag, reason: text, isSettling: flag },
    }),
    isPrimary: flag,
    instances: list(text),
    peers: count,
    bans: count,
  }),
}
