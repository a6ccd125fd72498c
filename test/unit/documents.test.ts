import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { GOSSIP_SUFFIX_SETTINGS } from '../../src/config/groups/gossip-topic-settings.ts'
import { ENCODING_SETTINGS, TOPIC_NAME_SETTINGS } from '../../src/config/groups/topic-settings.ts'
import { settingsDocument } from '../../src/config/printing/document.ts'
import { SETTING_NAMES, SETTINGS } from '../../src/config/settings.ts'
import { readSources } from '../support/import-graph.ts'

const read = (document: string) => readFileSync(new URL(`../../${document}`, import.meta.url), 'utf8')
const readme = read('README.md')
const sources = readSources(new URL('../../src', import.meta.url).pathname)

test('docs/settings.md is what `gossip-bridge config doc` prints', () => {
  const [, table] = /<!-- settings:begin -->([\s\S]*?)<!-- settings:end -->/.exec(read('docs/settings.md')) ?? []
  expect(table?.trim()).toBe(settingsDocument())
})

const outsideConfig = sources.filter(({ file }) => !file.startsWith('config/')).map(({ text }) => text)
/** These two have a part in what src/config itself hands out. */
const insideConfig = sources
  .filter(({ file }) => ['config/kafka-options.ts', 'config/topic-names.ts'].includes(file))
  .map(({ text }) => text)
const readers = [...outsideConfig, ...insideConfig].join('\n')
/** Their names are made from the tables of topics and of kinds, and src/config/topic-names.ts reads all of them. */
const fromTables: readonly string[] = [TOPIC_NAME_SETTINGS, ENCODING_SETTINGS, GOSSIP_SUFFIX_SETTINGS].flatMap(Object.values)
const isRead = (name: string) => fromTables.includes(name) || new RegExp(`\\b${name}\\b`).test(readers)

test('every setting has an effect, or says that it has none yet', () => {
  const used = SETTING_NAMES.filter((name) => SETTINGS[name].status !== 'later' && !CHECKED_ONLY.includes(name))
  expect(used.filter((name) => !isRead(name))).toEqual([])
})

/** Their effect is a check of others, which src/config itself makes. */
const CHECKED_ONLY: readonly string[] = ['p2p_peer_id']

test('a setting that has an effect does not say that it has none', () => {
  expect(SETTING_NAMES.filter((name) => SETTINGS[name].status === 'later' && isRead(name))).toEqual([])
})

test('every error code is the code of one error', () => {
  const codes = sources.flatMap(({ text }) => [...text.matchAll(/\bcode = '([^']+)'/g)].map(([, code]) => code))
  expect(codes.filter((code, at) => codes.indexOf(code) !== at)).toEqual([])
  expect(codes.filter((code) => !/^BRIDGE_[A-Z_]+$/.test(code ?? ''))).toEqual([])
})

const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  'deploy/RUNBOOK.md',
  'deploy/teranode.md',
  'bench/README.md',
  'deploy/kubernetes/README.md',
  'test/contract/README.md',
  ...readdirSync(new URL('../../docs', import.meta.url)).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
]

test.each(DOCUMENTS)('what %s links to is there', (document) => {
  const place = new URL(`../../${document}`, import.meta.url)
  const links = [...readFileSync(place, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link = '']) =>
    /^(?:https?:|#)/.test(link) ? [] : [link],
  )
  expect(links.filter((link) => !existsSync(new URL(link.replace(/#.*/, ''), place)))).toEqual([])
})

test('each guarantee links to a test', () => {
  const [, guarantees = ''] = /# What is guaranteed\n([\s\S]*?)\n## What is not/.exec(read('docs/guarantees.md')) ?? []
  const sentences = guarantees.split(/^- /m).slice(1)
  expect(sentences.length).toBeGreaterThan(5)
  expect(sentences.filter((sentence) => !/\]\(\.\.\/test\/[^)]+\.test\.ts\)/.test(sentence))).toEqual([])
})

const architecture = readFileSync(new URL('../../docs/architecture.md', import.meta.url), 'utf8')
const section = (title: string) => architecture.split(`\n${title}\n`)[1]?.split(/\n##+ /)[0] ?? ''

test('the paths that the architecture page names exist', () => {
  const paths = [...architecture.matchAll(/`(src\/[^`]*|src)`/g)].map(([, path = '']) => path)
  expect(paths.length).toBeGreaterThan(50)
  expect(paths.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url)))).toEqual([])
})

test.each(['### A notification of the own node, from its in-topic to the event log', '### A gossip message, from a peer to a browser'])(
  'a reader opens at most eight files: %s',
  (title) => {
    const steps = section(title).match(/^\d+\. `src\/[^`]+\.ts`: /gm) ?? []
    expect(steps.length).toBeGreaterThan(4)
    expect(steps.length).toBeLessThanOrEqual(8)
  },
)

test('the code map has every folder of src that holds code', () => {
  const folders = new Set(sources.map(({ file }) => `src/${file.split('/').slice(0, -1).join('/')}`.replace(/\/$/, '')))
  const withinFew = [...folders].filter(
    (folder) => folder !== 'src' && folder.split('/').length <= 3 && !/^src\/(cli|config|kafka)\//.test(folder),
  )
  expect(withinFew.filter((folder) => !section('## Code map').includes(`\`${folder}\``))).toEqual([])
})

test('the glossary has fifteen words', () => {
  expect(readme.split('\n## Glossary\n')[1]?.match(/^\| (?!word|---)/gm)).toHaveLength(15)
})

test('the README is for people in a hurry', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(150)
})
