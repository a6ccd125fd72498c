/** A schema of a CustomResourceDefinition: the part of OpenAPI that Kubernetes calls structural. */
export interface ObjectSchema {
  readonly type?: string
  readonly properties?: Readonly<Record<string, ObjectSchema>>
  readonly additionalProperties?: ObjectSchema | boolean
  readonly required?: readonly string[]
  readonly items?: ObjectSchema
  readonly enum?: readonly unknown[]
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
}

/** What is wrong with a value, strictly: a field that the schema does not have is a fault too. */
export function schemaFaults(schema: ObjectSchema, value: unknown, path = ''): string[] {
  if (schema['x-kubernetes-preserve-unknown-fields']) return []
  if (schema.enum && !schema.enum.includes(value)) return [`${path}: ${JSON.stringify(value)} is none of ${schema.enum.join(', ')}`]
  const type = typeOf(value)
  const isRight = schema['x-kubernetes-int-or-string']
    ? type === 'integer' || type === 'string'
    : type === schema.type || (type === 'integer' && schema.type === 'number')
  if (!isRight) return [`${path}: ${type}, not ${schema.type}`]
  if (Array.isArray(value)) return value.flatMap((each, at) => (schema.items ? schemaFaults(schema.items, each, `${path}[${at}]`) : []))
  return type === 'object' ? objectFaults(schema, value as Readonly<Record<string, unknown>>, path) : []
}

function objectFaults(schema: ObjectSchema, value: Readonly<Record<string, unknown>>, path: string): string[] {
  const { properties, additionalProperties, required = [] } = schema
  const missing = required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${path}.${name} is missing`)
  if (!properties && !additionalProperties) return missing // anything, as in metadata
  const faults = Object.entries(value).flatMap(([name, each]) => {
    const of = properties?.[name] ?? additionalProperties
    if (of === true) return []
    return of ? schemaFaults(of, each, `${path}.${name}`) : [`${path}.${name}: there is no such field`]
  })
  return [...missing, ...faults]
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (Number.isInteger(value)) return 'integer'
  return value === null ? 'null' : typeof value
}
