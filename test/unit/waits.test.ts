import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const TESTS = new URL('..', import.meta.url).pathname

// Both give up after a second, which a busy machine needs for nothing at all.
test('tests wait with `eventually`, never with `expect.poll` or `vi.waitFor`', () => {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'))
  const hasty = files.filter((file) => /\bexpect\s*\.poll\(|\bvi\.waitFor\(/.test(readFileSync(path.join(TESTS, file), 'utf8')))
  expect(hasty).toEqual([])
})
