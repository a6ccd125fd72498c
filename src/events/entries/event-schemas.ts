import { type AvroField, type AvroRecord, isUnion, type JsonSchema, jsonSchemaOf } from '../../messages/codec/json-schema.ts'
import type { EventType } from '../event.ts'
import { EVENT_KINDS, EVENT_TYPES } from './event-kinds.ts'

/** What stands beside the content of every event that browsers get. */
const COMMON = ['origin', 'peerId', 'receivedAt']
const LOGGED_AT: JsonSchema = {
  type: 'integer',
  description: "When the event log took it, in milliseconds since the epoch by the broker's clock.",
}
/** In a header of the record too. */
const SOURCE: JsonSchema = {
  type: 'object',
  description: 'The record of an in-topic from which an own announcement was made; absent from others, and from events of older releases.',
  properties: { topic: { type: 'string' }, partition: { type: 'integer' }, offset: { type: 'integer', format: 'int64' } },
  required: ['topic', 'partition', 'offset'],
}
/** In a header of the record, where the Avro schema has no place for it. */
const START_ID: AvroField = { name: 'startId', type: ['null', 'string'], doc: 'Names the process; absent from older releases.' }

/** The JSON Schemas of the `data` of events for browsers, by type, made from the Avro schema of the event log. */
export function eventDataSchemas(avroText: string): Readonly<Record<string, JsonSchema>> {
  const { fields } = JSON.parse(avroText) as { fields: readonly AvroField[] }
  const field = (name: string) => fields.find((each) => each.name === name) ?? missing(name)
  const common = COMMON.map(field)
  const entries = EVENT_TYPES.map((type) => {
    const { payload } = EVENT_KINDS[type]
    const { properties, required } = jsonSchemaOf({ type: 'record', fields: [...common, contentOf(field(payload), type)] }) as {
      properties: Record<string, JsonSchema>
      required: readonly string[]
    }
    const all = {
      ...properties,
      origin: { ...properties.origin, enum: ['own', 'network'] },
      type: { const: type },
      loggedAt: LOGGED_AT,
      source: SOURCE,
    }
    return [type, { type: 'object', properties: all, required: [...required, 'type', 'loggedAt'] }] as const
  })
  return Object.fromEntries(entries)
}

/** The content of an event of this type, which is there and not null. */
function contentOf({ name, type }: AvroField, eventType: EventType): AvroField {
  const record = isUnion(type) ? type.find((branch) => branch !== 'null') : type
  if (typeof record !== 'object' || !('fields' in record)) return missing(name)
  return { name, type: eventType === 'instance' ? withField(record, START_ID) : record }
}

function withField(record: AvroRecord, field: AvroField): AvroRecord {
  return { ...record, fields: [...record.fields, field] }
}

function missing(name: string): never {
  throw new Error(`the schema of the event log has no field ${name}`)
}
