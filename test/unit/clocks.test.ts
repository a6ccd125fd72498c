import { expect, test } from 'vitest'
import { readSources } from '../support/import-graph.ts'

/** Files that read a clock of their own, each with the reason. */
const EXCEPTIONS = new Map([['lifecycle/clock.ts', 'it is where the clocks come from']])

const sources = readSources(new URL('../../src', import.meta.url).pathname)

test('parts get their clock injected: nobody else asks the system for the time', () => {
  const asking = sources.filter(({ file, text }) => !EXCEPTIONS.has(file) && /\b(Date|performance)\.now\b/.test(withoutComments(text)))
  expect(asking.map(({ file }) => file)).toEqual([])
})

test('each exception is one still', () => {
  const reading = sources.filter(({ text }) => /\b(Date|performance)\.now\b/.test(text)).map(({ file }) => file)
  expect([...EXCEPTIONS.keys()].filter((file) => !reading.includes(file))).toEqual([])
})

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/^\s*\/\/.*$/gm, '')
}
