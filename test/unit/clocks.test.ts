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

/** Their clock is not injected yet; the list only gets shorter. */
const NOT_YET = [
  'kafka/client/freeze-watch.ts',
  'kafka/group/group-consumer.ts',
  'kafka/group/group-session.ts',
  'kafka/group/heartbeat-clock.ts',
]

const sources = readSources(new URL('../../src', import.meta.url).pathname)

test('parts get their clock injected: nobody else asks the system for the time', () => {
  const asking = sources.filter(
    ({ file, text }) => !EXCEPTIONS.has(file) && !NOT_YET.includes(file) && /\b(Date|performance)\.now\b/.test(withoutComments(text)),
  )
  expect(asking.map(({ file }) => file)).toEqual([])
})

test('each exception is one still', () => {
  const reading = sources.filter(({ text }) => /\b(Date|performance)\.now\b/.test(text)).map(({ file }) => file)
  expect([...EXCEPTIONS.keys(), ...NOT_YET].filter((file) => !reading.includes(file))).toEqual([])
})

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/^\s*\/\/.*$/gm, '')
}
