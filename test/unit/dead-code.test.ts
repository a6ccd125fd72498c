import { expect, test } from 'vitest'
import { readSources } from '../support/import-graph.ts'

const EXPORT = /^export (?:async )?(?:function\*?|class|const|interface|type) (\w+)/gm

const sources = readSources(new URL('../../src', import.meta.url).pathname).map(({ file, text }) => ({
  file,
  text: text.replaceAll(/\/\*.*?\*\//gs, ''),
}))

/** How often each word occurs in all of src. */
const occurrences = new Map<string, number>()
for (const { text } of sources) for (const [word] of text.matchAll(/\w+/g)) occurrences.set(word, (occurrences.get(word) ?? 0) + 1)

test('nothing is exported that src itself never uses: what only tests call is dead code', () => {
  // What the package exports to others: `exports` of package.json.
  const ours = sources.filter(({ file }) => file !== 'client/client.ts')
  const dead = ours.flatMap(({ file, text }) =>
    [...text.matchAll(EXPORT)].filter(([, name = '']) => occurrences.get(name) === 1).map(([, name]) => `${file}: ${name}`),
  )
  expect(dead).toEqual([])
})
