import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

const ROOT = new URL('../..', import.meta.url).pathname
const FOLDERS = ['src', 'deploy/local', 'bench', 'test']

/** What git knows, so that neither build results nor scratch files count. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...FOLDERS], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n')
const code = files.filter((file) => /\.(ts|js|mjs)$/.test(file))

function linesOf(file: string): number {
  return readFileSync(path.join(ROOT, file), 'utf8').split('\n').length - 1
}

/** The value below which this share of the values lies. */
function quantile(values: readonly number[], share: number): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length * share)] ?? 0
}

test('no folder has more than 15 files', () => {
  const counts = new Map<string, number>()
  for (const file of files) counts.set(path.dirname(file), (counts.get(path.dirname(file)) ?? 0) + 1)
  expect([...counts].filter(([, count]) => count > 15)).toEqual([])
})

test('no file has more than 300 lines', () => {
  expect(code.filter((file) => linesOf(file) > 300)).toEqual([])
})

test.each(FOLDERS)('the median file of %s has at most 80 lines, and 95 of 100 files have at most 200', (folder) => {
  const lines = code.filter((file) => file.startsWith(`${folder}/`)).map(linesOf)
  expect(quantile(lines, 0.5)).toBeLessThanOrEqual(80)
  expect(quantile(lines, 0.95)).toBeLessThanOrEqual(200)
})
