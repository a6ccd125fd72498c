import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { canonicalSchema, parseAvroType } from '../../../../src/messages/codec/avro-type.ts'
import { readSchemas, schemasOf } from '../../../../src/messages/codec/schemas.ts'
import { VALUE_ROLES } from '../../../../src/messages/topics.ts'

interface Line {
  readonly id: number
  readonly role: string
  readonly version: number
  readonly file: string
  readonly write?: boolean
}

const TEXT = '{"type":"record","name":"Any","fields":[]}'
const lines: Line[] = VALUE_ROLES.map((role, at) => ({ id: at + 1001, role, version: 1, file: 'any.avsc', write: true }))

function read(ids: readonly Line[]) {
  const folder = mkdtempSync(join(tmpdir(), 'schemas-'))
  writeFileSync(join(folder, 'any.avsc'), TEXT)
  writeFileSync(join(folder, 'ids.json'), JSON.stringify(ids))
  return readSchemas(pathToFileURL(`${folder}/`))
}

test('a version without `write` can be read, and is not written', () => {
  const schemas = read([...lines, { id: 2010, role: 'events', version: 2, file: 'any.avsc' }])
  const { newest, written } = schemasOf(schemas, 'events')
  expect([newest.id, written.version]).toEqual([2010, 1])
})

test('a dialect may write a later version at least, and never an earlier one', () => {
  const next = { id: 2010, role: 'events', version: 2, file: 'any.avsc' }
  const after = { id: 2011, role: 'events', version: 3, file: 'any.avsc' }
  const writtenBy = (ids: readonly Line[]) => schemasOf(read(ids), 'events', { atLeast: 2 }).written.version
  expect(writtenBy([...lines, next, after])).toBe(2)
  const older = lines.map((line) => (line.role === 'events' ? { ...line, write: false } : line))
  expect(writtenBy([...older, next, { ...after, write: true }])).toBe(3)
})

test.each<[string, string, Line[]]>([
  [
    'two versions of a role are written',
    'exactly one version of events needs "write": true, but 2 have it',
    [...lines, { id: 2010, role: 'events', version: 2, file: 'any.avsc', write: true }],
  ],
  [
    'no version of a role is written',
    'exactly one version of bans needs "write": true, but 0 have it',
    lines.map((line) => (line.role === 'bans' ? { ...line, write: false } : line)),
  ],
  [
    'a role has no schema',
    'exactly one version of notifications needs "write": true, but 0 have it',
    lines.filter(({ role }) => role !== 'notifications'),
  ],
  ['an id is given twice', 'id 1001 stands there twice', [...lines, { id: 1001, role: 'events', version: 2, file: 'any.avsc' }]],
  [
    'a version is left out',
    'the versions of events have to be 1, 2, 3 and so on in this order, but id 2010 has version 3',
    [...lines, { id: 2010, role: 'events', version: 3, file: 'any.avsc' }],
  ],
])('ids.json is refused with a sentence when %s', (_what, sentence, ids) => {
  expect(() => read(ids)).toThrow(`schemas/avro/ids.json is wrong: ${sentence}`)
})

test('readers of each version can read the next one, so that a release that does not know it is the only one that cannot', () => {
  const schemas = readSchemas()
  for (const schema of schemas) {
    const next = schemas.find(({ role, version }) => role === schema.role && version === schema.version + 1)
    if (!next) continue
    expect(() => parseAvroType(schema.text).createResolver(parseAvroType(next.text)), `id ${next.id}`).not.toThrow()
    expect(() => parseAvroType(next.text).createResolver(parseAvroType(schema.text)), `id ${schema.id}`).not.toThrow()
    expect(canonicalSchema(next.text)).not.toBe(canonicalSchema(schema.text))
  }
})
