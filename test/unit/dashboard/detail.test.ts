import { expect, test } from 'vitest'
import { contentFacts, pathFacts } from '../../../src/dashboard/page/detail/facts.js'
import { exactValue, indentJson } from '../../../src/dashboard/page/detail/json-text.js'
import { explorerHref, pageKind, safeHref } from '../../../src/dashboard/page/detail/links.js'
import { spreadOf, spreadText } from '../../../src/dashboard/page/detail/spread.js'
import { eventHref, eventOf } from '../../../src/dashboard/page/dom/event-link.js'

test('JSON is indented as text, so no digit and no escape changes', () => {
  const text = '{"a":9007199254740993,"b":[1,2],"c":{},"d":[],"e":"x{,:\\"]","f":{"g":null}}'
  const indented = indentJson(text)
  expect(indented).toBe(
    '{\n  "a": 9007199254740993,\n  "b": [\n    1,\n    2\n  ],\n  "c": {},\n  "d": [],\n  "e": "x{,:\\"]",\n  "f": {\n    "g": null\n  }\n}',
  )
  expect(indentJson('"alone"')).toBe('"alone"')
})

test('a URL of a stranger becomes a link only if it is plain http or https', () => {
  expect(safeHref('https://node.example/api/v1')).toBe('https://node.example/api/v1')
  expect(safeHref('http://node.example:8090')).toBe('http://node.example:8090/')
  for (const text of [
    'javascript:alert(1)',
    'data:text/html,x',
    'https://user:word@node.example/',
    'node.example',
    '',
    'file:///etc/passwd',
  ])
    expect(safeHref(text)).toBe(null)
  const [row] = contentFacts({ dataHubUrl: 'javascript:alert(1)' })
  expect(row).toMatchObject({ name: 'DataHub', href: null, text: 'javascript:alert(1)' })
})

test('the explorer gets a hash and nothing else', () => {
  const template = 'https://explorer.example/{kind}/{hash}'
  const hash = 'ab'.repeat(32)
  expect(explorerHref(template, { hash, kind: 'tx' })).toBe(`https://explorer.example/tx/${hash}`)
  expect(explorerHref('', { hash, kind: 'tx' })).toBe(null)
  expect(explorerHref(template, { hash: '../../x', kind: 'tx' })).toBe(null)
  expect(['txId', 'hash'].map((name) => pageKind({ type: 'x', hash: name }))).toEqual(['tx', 'block'])
  expect(pageKind({ type: 'subtree', hash: 'hash' })).toBe('subtree')
})

test('fields have names, units and all their digits; what is empty has no row', () => {
  const { content } = exactValue(
    '{"content":{"height":850001,"sizeInBytes":1234567,"minMiningTxFee":5e-7,"miner":"","reason":"a\\u202eb"}}',
  )
  const rows = contentFacts(content).map(({ name, text }) => [name, text])
  expect(rows).toEqual([
    ['Height', '850,001'],
    ['Size', '1.2 MB (1234567 bytes)'],
    ['Min mining tx fee', expect.stringMatching(/^5e-?0?7$/)],
    ['Reason', 'a⟨202E⟩b'],
  ])
})

test('the way of an event says who, when, and where in the event log; a time that is none breaks nothing', () => {
  const data = { origin: 'network', peerId: '12D3KooWPeer', receivedAt: 1_767_225_600_000, loggedAt: 1_767_225_600_005 }
  const rows = pathFacts({ id: 'aa', cursor: 'v1.98.00010203', data }, { network: 'mainnet', bridgeId: 'node-a' })
  const texts = Object.fromEntries(rows.map(({ name, text }) => [name, text]))
  expect(texts['Signed by']).toBe('12D3KooWPeer')
  expect(texts['In the event log']).toContain('.005, 5 ms later')
  expect(texts.Source).toBeUndefined()
  const own = { ...data, origin: 'own', source: { topic: 'p2p-blocks', partition: 1, offset: 7 } }
  expect(pathFacts({ id: 'aa', cursor: 'v1.98.00010203', data: own }, { network: '', bridgeId: '' })).toContainEqual(
    expect.objectContaining({ name: 'Source', text: 'p2p-blocks, partition 1, offset 7' }),
  )
  expect(texts.Place).toBe('event log, partition 0, offset 98')
  const odd = pathFacts({ id: 'aa', cursor: 'x', data: { ...data, origin: 'own', receivedAt: 9e15 } }, { network: '', bridgeId: '' })
  expect(odd.map(({ name }) => name)).toEqual(['From', 'Heard', 'In the event log', 'Event id', 'Cursor'])
})

test('the spread of a hash: the first of each announcer and kind, and after how long', () => {
  const entry = (peerId: string | null, receivedAt: number, { hash = 'h', type = 'block' } = {}) => ({
    frame: { id: `${peerId}-${receivedAt}`, data: { type, origin: peerId ? 'network' : 'own', peerId, receivedAt, loggedAt: receivedAt } },
    parts: { hash },
  })
  const entries = [entry('p2', 1200), entry('p1', 1000), entry('p1', 5000), entry(null, 1600), entry('p3', 1, { hash: 'x' })]
  const spread = spreadOf(entries, 'h')
  expect(spread.map(({ peerId, afterMs }) => [peerId, afterMs])).toEqual([
    ['p1', 0],
    ['p2', 200],
    ['own', 600],
  ])
  expect(spreadText(spread, (ms: number) => `${ms} ms`)).toBe('3 announcers: half of them within 200 ms, the last after 600 ms.')
  expect(spreadText(spread.slice(0, 2), (ms: number) => `${ms} ms`)).toBe('2 announcers, the second 200 ms after the first.')
  expect(spreadText(spread.slice(0, 1), String)).toContain('One announcer')
  expect(spreadOf([{ gap: {} }], 'h')).toEqual([])
})

test('the address of an event is read as it is written', () => {
  expect(eventOf(eventHref({ id: 'a&b=c', loggedAt: 123 }))).toEqual({ id: 'a&b=c', at: 123 })
  expect(eventOf('#status')).toBe(null)
  expect(eventOf('#event=x')).toEqual({ id: 'x', at: 0 })
})
