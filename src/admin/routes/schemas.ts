import type { JsonSchema } from '../json-schema.ts'

const text: JsonSchema = { type: 'string' }
const flag: JsonSchema = { type: 'boolean' }
const count: JsonSchema = { type: 'integer' }
const time: JsonSchema = { type: 'string', format: 'date-time' }
const timeOrNull: JsonSchema = { type: ['string', 'null'], format: 'date-time', description: 'Null for a ban without an end.' }
const textOrNull: JsonSchema = { type: ['string', 'null'] }
const countOrNull: JsonSchema = { type: ['integer', 'null'] }
const list = (items: JsonSchema): JsonSchema => ({ type: 'array', items })
const ref = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` })
const object = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
})

const orNull = (schema: JsonSchema): JsonSchema => ({ ...schema, type: [String(schema.type), 'null'] })

const ban = object({ key: text, until: timeOrNull, since: time, reason: text, cause: text })
const peer = object({
  peerId: text,
  address: textOrNull,
  direction: { type: 'string', enum: ['inbound', 'outbound'] },
  connectedAt: time,
  topics: list(text),
  mesh: list(text),
  latencyMs: countOrNull,
  height: countOrNull,
  isOfSettings: flag,
  isSibling: flag,
})

const EVIDENCE: JsonSchema = {
  type: ['object', 'null'],
  description: 'Door, who, and what the audit says beside, such as the offences of a score.',
}

/** Null stands for what the instance cannot know. */
const status = object({
  view: { type: 'string', enum: ['full', 'summary'] },
  time,
  uptimeSeconds: count,
  version: text,
  bridgeId: text,
  instanceId: text,
  network: text,
  roles: list(text),
  peerId: textOrNull,
  ready: flag,
  parts: list({
    type: 'object',
    required: ['part', 'ready', 'reason'],
    properties: { part: text, ready: flag, reason: textOrNull, isSettling: flag },
  }),
  isPrimary: { type: ['boolean', 'null'] },
  instances: list(object({ instanceId: text, peerId: textOrNull, version: text, heardAt: orNull(time), isOwn: flag })),
  peers: orNull(object({ total: count, list: orNull(list({ ...peer, properties: { ...peer.properties, points: countOrNull } })) })),
  bans: orNull(object({ total: count, list: orNull(list({ ...ban, properties: { ...ban.properties, evidence: EVIDENCE } })) })),
  kafka: orNull(
    object({ lags: list(object({ group: text, topic: text, records: count })), tailLag: countOrNull, clockAheadMs: countOrNull }),
  ),
  pending: orNull(object({ records: count, bytes: count })),
  browsers: orNull(object({ clients: count, recentEvents: count })),
  database: orNull(object({ isUp: flag })),
})

/** The answers of the API, by their names in the OpenAPI document. */
export const ANSWER_SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  Error: object({ error: text }),
  Ban: ban,
  BanPage: object({ bans: list(ref('Ban')), next: textOrNull, total: count }),
  BanCheck: { ...object({ key: text, banned: flag, by: orNull(ban) }) },
  BanChange: object({
    action: { type: 'string', enum: ['add', 'remove', 'clear', 'expire'] },
    key: text,
    until: timeOrNull,
    reason: text,
    changed: flag,
    sentence: text,
  }),
  Peer: peer,
  Peers: object({ peers: list(ref('Peer')) }),
  Score: object({ peerId: text, points: count, at: time }),
  Scores: object({ isKept: flag, scores: list(ref('Score')) }),
  PeerChange: object({ peerId: text, changed: flag, sentence: text }),
  Status: status,
}
