import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { createTlsFiles } from '../../../src/kafka/client/tls-files.ts'

const log = pino({ level: 'silent' })

function files() {
  const directory = mkdtempSync(join(tmpdir(), 'tls-files-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const ca = join(directory, 'ca.pem')
  writeFileSync(ca, 'first')
  return { ca }
}

test('a changed file is read again, an unchanged one is not', () => {
  const paths = files()
  const material = createTlsFiles(paths, { log })
  expect(`${material().ca}`).toBe('first')
  expect(material()).toBe(material())
  writeFileSync(paths.ca, 'second one')
  expect(`${material().ca}`).toBe('second one')
})

test('a file that is gone for a moment leaves the last certificate in use', () => {
  const paths = files()
  const material = createTlsFiles(paths, { log })
  rmSync(paths.ca)
  expect(`${material().ca}`).toBe('first')
})

test('a file that cannot be read at start is an error that names it', () => {
  expect(() => createTlsFiles({ cert: '/nowhere/cert.pem' }, { log })).toThrow('/nowhere/cert.pem')
})
