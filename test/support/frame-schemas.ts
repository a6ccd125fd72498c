import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import { EVENT_TYPES } from '../../src/events/entries/event-kinds.ts'
import { eventDataSchemas } from '../../src/events/entries/event-schemas.ts'
import { readSchemas, schemasOf } from '../../src/messages/codec/schemas.ts'
import { asyncApiDocument } from '../../src/websocket/schemas/async-api.ts'

/** The document of the stream, as a bridge serves it. */
export const STREAM_DOCUMENT = asyncApiDocument({
  version: '1.2.3',
  types: EVENT_TYPES,
  maxLast: 1000,
  eventData: eventDataSchemas(schemasOf(readSchemas(), 'events').newest.text),
  host: 'bridge.example.org:9906',
  isTls: true,
})

/** The same, but with properties that it does not name as faults: clients ignore them, and tests do not. */
const ajv = new Ajv({ strict: false, validateFormats: false }).addSchema(strict(STREAM_DOCUMENT) as object, 'stream')
const validators = new Map<string, ValidateFunction>()

/** What is wrong with a message by the document; null if nothing is. An array is several events. */
export function frameFault(message: unknown): string | null {
  const type = Array.isArray(message) ? 'events' : (message as { type: string }).type
  const validate = validators.get(type) ?? ajv.getSchema(`stream#/components/schemas/${type}`)
  if (!validate) return `there is no message ${type}`
  validators.set(type, validate)
  return validate(message) ? null : faultsText(validate.errors)
}

function faultsText(errors: readonly ErrorObject[] | null | undefined): string {
  return (errors ?? []).map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`).join('; ')
}

function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict)
  if (typeof schema !== 'object' || schema === null) return schema
  const parts = Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, strict(part)]))
  return 'properties' in parts ? { additionalProperties: false, ...parts } : parts
}
