import { expect, test } from 'vitest'
import { NameLookups } from '../../../../src/gossip/node/name-lookups.ts'
import { eventually } from '../../../support/eventually.ts'

const never = new AbortController().signal

/** A system whose look-ups end when the test says so. */
function system() {
  const asked: string[] = []
  const ends = new Map<string, (address: string | Error) => void>()
  const lookups = new NameLookups<string>({
    lookUp: (name) =>
      new Promise((resolve, reject) => {
        asked.push(name)
        ends.set(name, (answer) => (answer instanceof Error ? reject(answer) : resolve(answer)))
      }),
  })
  const end = async (name: string, answer: string | Error) => {
    await eventually(() => ends.has(name))
    ends.get(name)?.(answer)
    ends.delete(name)
  }
  return { asked, end, lookups }
}

test('one name is looked up at a time, and once for all who ask about it', async () => {
  const { asked, end, lookups } = system()
  const found = ['a', 'b', 'a', 'b'].map((name) => lookups.find(name, 0, never))
  await end('a', '192.0.2.1')
  expect(await found[0]).toBe('192.0.2.1')
  await end('b', '192.0.2.2')
  expect(await Promise.all(found)).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.2'])
  expect(asked).toEqual(['a', 'b'])
})

test('a name for which nobody waits any more is not asked about', async () => {
  const { asked, end, lookups } = system()
  const first = lookups.find('silent', 0, never).catch((error: Error) => error.message)
  const gone = new AbortController()
  const second = lookups.find('given up', 0, gone.signal).catch((error: Error) => error.message)
  const third = lookups.find('good', 0, never)
  gone.abort(new Error('too late'))
  expect(await second).toBe('too late')
  await end('silent', new Error('EAI_AGAIN'))
  expect(await first).toBe('EAI_AGAIN')
  await end('good', '192.0.2.1')
  expect(await third).toBe('192.0.2.1')
  expect(asked).toEqual(['silent', 'good'])
})

test('a name that failed the last time lets the others go first', async () => {
  const { asked, end, lookups } = system()
  const failing = lookups.find('silent', 0, never).catch(() => {})
  await end('silent', new Error('EAI_AGAIN'))
  await failing
  const found = ['busy', 'silent', 'good'].map((name) => lookups.find(name, 0, never).catch(() => ''))
  for (const name of ['busy', 'good', 'silent']) await end(name, '192.0.2.1')
  await Promise.all(found)
  expect(asked).toEqual(['silent', 'busy', 'good', 'silent'])
})
