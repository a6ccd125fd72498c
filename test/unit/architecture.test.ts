import { expect, test } from 'vitest'
import { cyclesOf, type ImportEdge, importsOf, readSources } from '../support/import-graph.ts'

const EDGES = ['kafka', 'gossip', 'websocket', 'postgres', 'grpc', 'registry']
const BELOW_APP = [
  'adapters',
  'flows',
  'events',
  'bans',
  'scores',
  'reputation',
  'messages',
  'identity',
  'peers',
  ...EDGES,
  'health',
  'admin',
  'doctor',
  'tracing',
  'dashboard',
  'config',
  'telemetry',
  'lifecycle',
]

/** Rules of notation, and where this package's own files are: every part may import them; they import nothing. */
const FOR_ALL = ['addresses', 'package-file']

/** Which part may import which: a part is a folder of src, or a file that stands there by itself. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  main: ['cli', 'lifecycle', 'telemetry', 'config'],
  cli: ['app', 'doctor', 'admin', 'config', 'kafka', 'messages', 'events', 'bans', 'identity', 'lifecycle', 'telemetry'],
  app: BELOW_APP,
  // What other services write the in-topics for.
  adapters: ['messages', 'lifecycle'],
  flows: ['events', 'messages', 'bans', 'scores', 'lifecycle'],
  events: ['messages', 'bans', 'lifecycle'],
  bans: ['messages', 'lifecycle'],
  scores: ['messages', 'bans', 'lifecycle'],
  reputation: ['messages', 'lifecycle'],
  identity: ['messages', 'lifecycle'],
  peers: ['messages', 'identity', 'lifecycle'],
  messages: [],
  ...Object.fromEntries(EDGES.map((edge) => [edge, ['lifecycle', 'telemetry']])),
  registry: ['lifecycle', 'telemetry', 'messages'],
  // It judges what the edges have seen; the edges know its ports.
  doctor: ['messages', 'peers', 'lifecycle'],
  // Decorates what the flows and the edges offer; it sees records, and nothing of the edges.
  tracing: ['messages', 'lifecycle'],
  admin: ['bans', 'scores', 'reputation', 'peers', 'messages', 'lifecycle', 'telemetry'],
  health: ['lifecycle', 'telemetry', 'messages'],
  dashboard: [],
  // For browsers and other programs: it knows nothing of the bridge but its protocol.
  client: [],
  // Pure parsers of values: what a peer id, a key and an address of a peer are is written once.
  config: ['messages', 'identity', 'peers', 'lifecycle'],
  telemetry: ['lifecycle'],
  lifecycle: [],
  addresses: [],
  'package-file': [],
}

/**
 * The layers of a part, each with the layers that it may import. `.` stands for the files directly in the part: those that put its
 * layers together, and small ones that all layers know (what a record is, the errors, the settings).
 */
const LAYERS: Record<string, Record<string, readonly string[]>> = {
  kafka: {
    wire: [],
    client: ['wire'],
    admin: ['client'],
    reader: ['client', 'wire'],
    producer: ['client', 'wire'],
    group: ['client', 'wire', 'reader', 'admin'],
  },
  gossip: {
    '.': ['connections', 'messages', 'node', 'upkeep'],
    router: [],
    node: ['router'],
    discovery: ['node'],
    connections: ['node', 'router'],
    upkeep: ['connections', 'discovery', 'node', 'router'],
    messages: ['node', 'router'],
  },
  websocket: {
    '.': ['streams', 'sessions', 'clients', 'tokens', 'schemas', 'feed', 'http'],
    http: [],
    feed: [],
    tokens: [],
    schemas: ['clients', 'feed'],
    clients: ['http', 'feed', 'tokens'],
    sessions: ['clients', 'feed'],
    streams: ['sessions', 'clients', 'tokens', 'feed', 'http'],
  },
  postgres: {
    connection: [],
    bans: ['connection'],
    identities: ['connection'],
    scores: ['connection'],
    reputations: ['connection'],
  },
  config: {
    '.': ['groups', 'kinds'],
    kinds: [],
    groups: ['kinds'],
    teranode: [],
    reading: ['kinds', 'teranode'],
    printing: ['reading'],
  },
}

/** Types that say what something is, shared with those who write or read it: a record of Kafka, a change of the ban list. */
const SHARED_TYPES = new Map([
  ['kafka/record.ts', ['flows', 'events', 'tracing']],
  ['bans/ban.ts', ['events', 'postgres']],
  ['bans/ports.ts', ['postgres']],
])

/** Libraries that only one part knows, so that it can be replaced there. */
const OWN_LIBRARIES: [pattern: RegExp, parts: string[]][] = [
  [/^kafkajs$/, ['kafka']],
  [/^@libp2p\/(crypto|interface)$/, ['gossip', 'identity']],
  [/^(libp2p|@libp2p\/(?!(crypto|interface)$).*|@chainsafe\/.*)$/, ['gossip']],
  [/^(uWebSockets\.js|jose)$/, ['websocket']],
  [/^(pg|node-pg-migrate)$/, ['postgres']],
  [/^@grpc\/.*$/, ['grpc']],
  [/^commander$/, ['cli']],
  [/^avsc$/, ['messages']],
]

const sources = readSources(new URL('../../src', import.meta.url).pathname)
const edges = sources.flatMap(importsOf)

function partOf(file: string): string {
  return file.split('/')[0]?.replace(/\.ts$/, '') ?? ''
}

/** The layer of a file: the folder within its part, or `.` for a file directly in the part. */
function layerOf(file: string): string {
  const [, layer = '.', ...rest] = file.split('/')
  return rest.length > 0 ? layer : '.'
}

/** Within a part that has layers: an import that goes up, or sideways. */
function crossesLayers({ from, to }: ImportEdge): boolean {
  const layers = LAYERS[partOf(from)]
  const [fromLayer, toLayer] = [layerOf(from), layerOf(to)]
  if (!layers || toLayer === '.' || fromLayer === toLayer) return false
  return !layers[fromLayer]?.includes(toLayer)
}

function isForbidden(edge: ImportEdge): boolean {
  const { from, to, isOurs, isTypeOnly } = edge
  const part = partOf(from)
  if (!isOurs) return OWN_LIBRARIES.some(([pattern, parts]) => pattern.test(to) && !parts.includes(part))
  if (part === partOf(to)) return crossesLayers(edge)
  if (isTypeOnly && SHARED_TYPES.get(to)?.includes(part)) return false
  if (isTypeOnly && EDGES.includes(part) && /^[^/]+\/ports\.ts$/.test(to)) return false
  return !FOR_ALL.includes(partOf(to)) && !MAY_IMPORT[part]?.includes(partOf(to))
}

function violations(imports: readonly ImportEdge[]): string[] {
  return imports.filter(isForbidden).map(({ from, to }) => `${from} imports ${to}`)
}

test('parts import only what the table allows, and libraries stay in the part that owns them', () => {
  expect(violations(edges)).toEqual([])
})

test('every part of src stands in the table', () => {
  expect([...new Set(sources.map(({ file }) => partOf(file)))].filter((part) => MAY_IMPORT[part] === undefined)).toEqual([])
})

test.each([
  ['an edge that imports another edge', 'kafka/producer/producer.ts', `import { createGossipHost } from '../../gossip/host.ts'`],
  ['the same for its types only', 'kafka/producer/producer.ts', `import type { GossipHost } from '../../gossip/host.ts'`],
  ['the same while running', 'kafka/producer/producer.ts', `const host = await import('../../gossip/host.ts')`],
  ['the same by a re-export', 'kafka/producer/producer.ts', `export { createGossipHost } from '../../gossip/host.ts'`],
  ['a flow that imports a client', 'flows/kafka-to-log.ts', `import { createProducer } from '../kafka/producer/lane.ts'`],
  ['messages that import the event log', 'messages/codec/codec.ts', `import { eventId } from '../../events/entries/event-id.ts'`],
  ['a layer that imports one above it', 'kafka/wire/record-batch.ts', `import { createKafka } from '../client/connection.ts'`],
  ['kafkajs outside of src/kafka', 'app.ts', `import { Kafka } from 'kafkajs'`],
  ['libp2p outside of src/gossip', 'flows/peer-sync.ts', `import { multiaddr } from '@libp2p/peer-id'`],
])('%s is found', (_what, file, text) => {
  expect(violations(importsOf({ file, text }))).toHaveLength(1)
})

test.each([
  ['a flow may know the type of a record', 'flows/a.ts', `import type { KafkaRecord } from '../kafka/record.ts'`],
  ['an edge may know the types of a port', 'postgres/a.ts', `import type { IdentityStore } from '../identity/ports.ts'`],
])('%s', (_what, file, text) => {
  expect(violations(importsOf({ file, text }))).toEqual([])
})

test('there are no import cycles', () => {
  expect(cyclesOf(edges)).toEqual([])
})

test('an import cycle is found', () => {
  const cycle = [
    { file: 'events/a.ts', text: `import { b } from './b.ts'` },
    { file: 'events/b.ts', text: `import { c } from './c.ts'` },
    { file: 'events/c.ts', text: `import type { a } from './a.ts'` },
  ]
  expect(cyclesOf(cycle.flatMap(importsOf))).toEqual([['events/a.ts', 'events/b.ts', 'events/c.ts', 'events/a.ts']])
})

test('only main.ts knows the environment, the arguments, the signals and the exit of the process', () => {
  const users = sources.filter(
    ({ file, text }) => file !== 'main.ts' && /(?<![.\w'-])process\.(env|argv|exit|exitCode|on|once|kill)\b/.test(text),
  )
  expect(users.map(({ file }) => file)).toEqual([])
})

test('only app and the command line choose the clock; patches of kafkajs have nobody to inject it', () => {
  const chooses = /^(app\.ts|app\/|cli\/|lifecycle\/clock\.ts|kafka\/client\/patches\/|kafka\/client\/throttle\.ts)/
  const users = sources.filter(({ file, text }) => !chooses.test(file) && /\bSYSTEM_CLOCK\b/.test(text))
  expect(users.map(({ file }) => file)).toEqual([])
})

test('no file gathers what belongs elsewhere: no barrels, no drawers', () => {
  const drawers = sources.filter(({ file }) => /(^|\/)(index|utils?|helpers?|common|core|misc|types)\.ts$/.test(file))
  expect(drawers.map(({ file }) => file)).toEqual([])
})

test('texts become URLs in one place, since URL.canParse changes its answer in Node 20 and 22', () => {
  const users = sources.filter(({ file, text }) => file !== 'addresses/url.ts' && /\bcanParse\b/.test(text))
  expect(users.map(({ file }) => file)).toEqual([])
})
