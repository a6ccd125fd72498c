import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, test } from 'vitest'
import { goString, readGoObject } from '../../../../src/messages/dialects/go-json.ts'
import { RefusedError } from '../../../../src/messages/rules/refusal.ts'

interface GoVectors {
  readonly readings: {
    readonly Input: string
    readonly Result: { Hash: string; Height: number; DataHubURL: string; PeerID: string } | null
  }[]
}

const vectors = JSON.parse(readFileSync(new URL('../../../fixtures/gossip/go-json.json', import.meta.url), 'utf8')) as GoVectors
const readings = vectors.readings.map(({ Input, Result }) => {
  const data = Buffer.from(Input, 'base64')
  return { name: data.toString('utf8'), data, Result }
})
const FIELDS = { hash: 'string', height: 'uint32', datahuburl: 'string', peerid: 'string' } as const

describe('reading as Go reads', () => {
  it.each(readings)('%o', ({ data, Result }) => {
    if (Result === null) {
      expect(() => readGoObject(data, FIELDS)).toThrow(RefusedError)
    } else {
      const { Hash: hash, Height: height, DataHubURL: datahuburl, PeerID: peerid } = Result
      expect(readGoObject(data, FIELDS)).toEqual({ hash, height, datahuburl, peerid })
    }
  })

  it('keeps uint64 exact and refuses what exceeds it', () => {
    const read = (json: string) => readGoObject(Buffer.from(json), { count: 'uint64' }).count
    expect(read('{"Count":18446744073709551615}')).toBe(2n ** 64n - 1n)
    expect(read('{"Count":9007199254740993}')).toBe(9007199254740993n)
    expect(() => read('{"Count":18446744073709551616}')).toThrow('the field count has to be an integer of 0 to 18446744073709551615')
    expect(() => read(`{"Count":${'9'.repeat(30_000)}}`)).toThrow(RefusedError)
  })

  it('refuses null and everything else that is no object', () => {
    for (const json of ['null', '0', 'true', '[[{}]]', '\0', '{"a":1}\0'])
      expect(() => readGoObject(Buffer.from(json), FIELDS)).toThrow(RefusedError)
  })

  it('takes no field from a prototype', () => {
    expect(readGoObject(Buffer.from('{"__proto__":{"hash":"x"},"constructor":1,"toString":2}'), FIELDS).hash).toBe('')
  })

  it('reads deeply nested unknown fields without running out of stack', () => {
    const depth = 5000
    const json = `{"X":${'[{"Hash":'.repeat(depth)}"inner"${'}]'.repeat(depth)},"Hash":"outer"}`
    expect(readGoObject(Buffer.from(json), FIELDS).hash).toBe('outer')
  })
})

describe('a string as Go writes it', () => {
  it.each([
    ['<a href="x">&</a>', '"\\u003ca href=\\"x\\"\\u003e\\u0026\\u003c/a\\u003e"'],
    ['\u2028\u2029', '"\\u2028\\u2029"'],
    ['\t\r\n\b\f\u0001\u007f', '"\\t\\r\\n\\b\\f\\u0001\u007f"'],
    ['half \ud83d', '"half \ufffd"'],
  ])('%o', (text, literal) => {
    expect(goString(text)).toBe(literal)
  })
})

const MORE_FIELDS = { n: 'int64', f: 'float64', p: 'float64?', o: 'object?' } as const
const read = (text: string) => readGoObject(Buffer.from(text), MORE_FIELDS)

test('numbers of other kinds, pointers and objects are read as Go reads them', () => {
  expect(read('{}')).toEqual({ n: 0n, f: 0, p: null, o: null })
  expect(read('{"n":-9223372036854775808,"f":-1.5e3,"p":0,"o":{"a":[1,{"b":"}"}]}}')).toEqual({
    n: -(2n ** 63n),
    f: -1500,
    p: 0,
    o: '{"a":[1,{"b":"}"}]}',
  })
  expect(read('{"f":2,"f":null,"p":1,"p":null}')).toEqual({ n: 0n, f: 2, p: null, o: null })
})

test.each(['{"n":1.5}', '{"n":9223372036854775808}', '{"n":"1"}', '{"f":"1"}', '{"f":1e999}', '{"p":true}', '{"o":[]}', '{"o":"{}"}'])(
  'a wrong type refuses the message: %s',
  (text) => {
    expect(() => read(text)).toThrow(RefusedError)
  },
)

test('strings end at the first quote that is not escaped', () => {
  const json = (value: string) => JSON.stringify({ o: { s: value }, n: 7 })
  for (const value of ['\\', '\\\\', '"', '\\"', '\\\\"', '"\\', 'a"b\\"c\\\\', '}', '{"n":8}']) {
    expect(read(json(value))).toEqual({ n: 7n, f: 0, p: null, o: JSON.stringify({ s: value }) })
  }
})

test('a text that is kept does not keep the message', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const kept: string[] = []
  const heapBytes = () => {
    collect()
    return process.memoryUsage().heapUsed
  }
  const before = heapBytes()
  for (let at = 0; at < 200; at++) {
    const message = Buffer.from(JSON.stringify({ hash: 'a hash of some length', other: `${at}`.padEnd(60_000, 'x') }))
    kept.push(readGoObject(message, { hash: 'string' }).hash)
  }
  expect((heapBytes() - before) / kept.length).toBeLessThan(10_000)
})
