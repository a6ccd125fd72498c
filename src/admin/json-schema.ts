import { badRequest } from './answers.ts'

/** The part of JSON Schema that the API uses, in requests and in its OpenAPI document. */
export interface JsonSchema {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly format?: string
  readonly enum?: readonly string[]
  readonly examples?: readonly unknown[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly items?: JsonSchema
  readonly minLength?: number
  readonly maxLength?: number
  readonly $ref?: string
}

/** Checks a body against the schema of an object with plain values. Throws AdminError 400 with the name of the field that is wrong. */
export function checkBody(schema: JsonSchema, body: unknown): Record<string, unknown> {
  const { properties = {}, required = [] } = schema
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badRequest('the body is not a JSON object')
  const fields = body as Record<string, unknown>
  for (const name of Object.keys(fields)) {
    const field = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (!field)
      throw badRequest(
        `the body has an unknown field ${JSON.stringify(name.slice(0, 100))}: it takes ${Object.keys(properties).join(', ')}`,
      )
    checkValue(name, field, fields[name])
  }
  for (const name of required) if (fields[name] === undefined) throw badRequest(`the body lacks the field ${name}`)
  return fields
}

function checkValue(name: string, { type = [], minLength = 0, maxLength = Number.POSITIVE_INFINITY }: JsonSchema, value: unknown): void {
  const types = typeof type === 'string' ? [type] : type
  if (!types.some((each) => isOfType(each, value))) throw badRequest(`${name} is not ${types.join(' or ')}`)
  if (typeof value !== 'string') return
  if (value.length < minLength) throw badRequest(`${name} is empty`)
  if (value.length > maxLength) throw badRequest(`${name} has ${value.length} characters: at most ${maxLength} are taken`)
}

function isOfType(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isSafeInteger(value)
  return type === 'null' ? value === null : typeof value === type
}
