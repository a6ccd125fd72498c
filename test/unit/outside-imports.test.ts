import { expect, test } from 'vitest'
import { cyclesOf, importsOf, readSources } from '../support/import-graph.ts'

/** The folders beside src, each with those that it may import from. The local stack knows the bridge only from outside. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  'deploy/local': [],
  bench: ['src', 'deploy/local', 'test/support'],
  test: ['src', 'deploy/local', 'bench'],
}

const ROOT = new URL('../..', import.meta.url).pathname
const sources = Object.keys(MAY_IMPORT).flatMap((folder) =>
  readSources(`${ROOT}${folder}`).map(({ file, text }) => ({ file: `${folder}/${file}`, text })),
)
const imports = sources.flatMap(importsOf)
const edges = imports.filter(({ isOurs }) => isOurs)

function folderOf(file: string): string {
  return Object.keys(MAY_IMPORT).find((folder) => file.startsWith(`${folder}/`)) ?? file.split('/')[0] ?? ''
}

function isForbidden(from: string, to: string): boolean {
  const [here, there] = [folderOf(from), folderOf(to)]
  if (here === there) return false
  return !MAY_IMPORT[here]?.some((allowed) => to.startsWith(`${allowed}/`))
}

test('the local stack, the bench and the tests import only what they may', () => {
  expect(edges.filter(({ from, to }) => isForbidden(from, to)).map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('end-to-end tests know the bridge only as a process', () => {
  const insiders = edges.filter(({ from, to }) => from.startsWith('test/e2e/') && to.startsWith('src/'))
  expect(insiders.map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test('there are no import cycles beside src either', () => {
  expect(cyclesOf(edges)).toEqual([])
})

test('property tests draw the same cases at each run', () => {
  const direct = imports.filter(({ to }) => to === 'fast-check')
  expect(direct.map(({ from }) => from)).toEqual(['test/support/properties.ts'])
})
