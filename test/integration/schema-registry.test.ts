import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCodec } from '../../src/messages/codec/codec.ts'
import { parseJsonText } from '../../src/messages/codec/json-text.ts'
import { readSchemas, schemasOf } from '../../src/messages/codec/schemas.ts'
import { VALUE_ROLES, type ValueRole } from '../../src/messages/topics.ts'
import { foreignPython } from '../support/stack/foreign-client.ts'
import { startRegistry } from '../support/stack/registry-server.ts'

const SCRIPT = fileURLToPath(new URL('../fixtures/avro/foreign_client.py', import.meta.url))

const golden = JSON.parse(readFileSync(new URL('../fixtures/avro/golden.json', import.meta.url), 'utf8')) as {
  role: ValueRole
  hex: string
}[]
const topics = Object.fromEntries(VALUE_ROLES.map((role) => [role, `node-a.${role}`])) as Record<ValueRole, string>
const schemas = readSchemas()
const codec = createCodec({}, { schemas })
/** Writes as a client does that takes the latest version of a subject. */
const latest = createCodec(
  {},
  { schemas: schemas.map((schema) => ({ ...schema, isWritten: schema.version === schemasOf(schemas, schema.role).newest.version })) },
)

let python: string
let server: Awaited<ReturnType<typeof startRegistry>>

beforeAll(async () => {
  python = await foreignPython()
  server = await startRegistry(topics, schemas)
}, 240_000)

afterAll(() => server?.stop())

interface Answer {
  readonly value: unknown
  readonly again: string
  readonly registered: string
  readonly named: { readonly body: string; readonly __value_schema_id: string }
}

/** One line out for each line in. */
async function foreignClient(messages: { topic: string; hex: string }[]): Promise<Answer[]> {
  const child = spawn(python, [SCRIPT, server.url], { stdio: ['pipe', 'pipe', 'pipe'], timeout: 60_000 })
  child.stdin.end(messages.map((message) => `${JSON.stringify(message)}\n`).join(''))
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)])
  expect(errors).toBe('')
  const lines = out.trimEnd().split('\n')
  return lines.map((line) => parseJsonText(line) as Answer)
}

describe('a foreign Avro client that knows nothing but the address of the embedded registry', () => {
  it('reads what the bridge writes to every topic, and writes what the bridge reads', async () => {
    const values = golden.map(({ role, hex }) => ({ role, value: codec.decode(role, Buffer.from(hex, 'hex')) }))
    const messages = golden.map(({ role, hex }) => ({ topic: topics[role], hex })) // of every version
    const answers = await foreignClient(messages)
    expect(answers).toHaveLength(values.length)
    for (const [index, { role, value }] of values.entries()) {
      const answer = answers[index]
      expect(codec.decode(role, jsonBytes(answer?.value))).toEqual(value)
      const written = latest.encode(role, value).toString('hex')
      expect(answer?.again).toBe(written)
      expect(answer?.registered).toBe(written)
      expect(codec.decodeRecord(role, named(answer?.named))).toEqual(value)
    }
  })
})

/** A record with the schema in a header of bytes. */
function named(written: Answer['named'] | undefined) {
  const { body = '', __value_schema_id: name = '' } = written ?? {}
  const header = Buffer.from(name, 'hex')
  return { value: Buffer.from(body, 'hex'), headers: { __value_schema_id: header.toString() }, headerBytes: () => header }
}

/** The client's own view of the value as JSON, whole numbers included, for the codec's shape to judge. */
function jsonBytes(value: unknown): Buffer {
  return Buffer.from(jsonText(value))
}

function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${jsonText(member)}`)
  return `{${members.join(',')}}`
}
