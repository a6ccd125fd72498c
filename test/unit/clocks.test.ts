import { expect, test } from 'vitest'
import { readSources } from '../support/import-graph.ts'

/** Files that read a clock of their own, each with the reason. */
const EXCEPTIONS = new Map([
  ['lifecycle/clock.ts', 'it is where the clocks come from'],
  ['kafka/client/patches/broker-pool-patch.ts', 'kafkajs stores the times that it compares'],
  ['kafka/client/patches/fetch-recovery-patch.ts', 'it patches a prototype of kafkajs, into which nothing can be injected'],
  ['kafka/client/patches/group-join-patch.ts', 'it patches a prototype of kafkajs, into which nothing can be injected'],
  ['kafka/client/patches/request-queue-patch.ts', 'kafkajs stores the times that it compares'],
  ['kafka/client/throttle.ts', 'kafkajs stores the time until which a connection is throttled'],
])

/** Only these construct parts, so only these say which clock a part gets. */
const COMPOSERS = /^(app|cli|main|lifecycle)(\/|\.ts$)/

const sources = readSources(new URL('../../src', import.meta.url).pathname)

test('parts get their clock injected: nobody else asks the system for the time', () => {
  const asking = sources.filter(({ file, text }) => !EXCEPTIONS.has(file) && /\b(Date|performance)\.now\b/.test(withoutComments(text)))
  expect(asking.map(({ file }) => file)).toEqual([])
})

test('the clocks of the system are named only where parts are constructed', () => {
  const naming = sources.filter(({ file, text }) => !COMPOSERS.test(file) && /\bSYSTEM_CLOCK\b/.test(withoutComments(text)))
  expect(naming.map(({ file }) => file)).toEqual([])
})

test('each exception is one still', () => {
  const reading = sources.filter(({ text }) => /\b(Date|performance)\.now\b/.test(text)).map(({ file }) => file)
  expect([...EXCEPTIONS.keys()].filter((file) => !reading.includes(file))).toEqual([])
})

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/^\s*\/\/.*$/gm, '')
}
