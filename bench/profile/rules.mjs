// Which part of the work a frame belongs to. The first rule that fits a frame counts; a frame that fits none is a helper, whose time
// counts for its caller.
const RULES = [
  // Where a message goes through, in its order.
  ['fetch, group', /^src\/kafka\/(group|reader)\//],
  ['record batches', /^src\/kafka\/wire\//],
  ['produce', /^src\/kafka\/producer\//],
  ['requests to Kafka', /^(src\/kafka\/client\/|kafkajs\/)/],
  ['Avro, JSON of topics', /^(src\/messages\/codec\/|avsc\/)/],
  ['announcement: fields and JSON of gossip', /^src\/messages\/(kinds|dialects|rules|own-announcement|announcement)/],
  ['sign, verify', /^src\/(gossip\/node\/signatures|identity\/)/],
  ['noise', /^(@chainsafe\/libp2p-noise|@libp2p\/noise)\//],
  ['yamux', /^(@chainsafe\/libp2p-yamux|@libp2p\/yamux)\//],
  ['socket of the peer', /^(@libp2p\/tcp\/|src\/gossip\/node\/transport)/],
  ['router', /^(@chainsafe\/libp2p-gossipsub|@libp2p\/gossipsub)\/|^src\/gossip\/router\//],
  ['streams of libp2p', /^(libp2p|@libp2p\/utils|it-[a-z-]+)\//],
  ['gossip: publish, hear', /^src\/gossip\//],
  ['judge', /^src\/(messages\/judge-gossip|app\/peers\/|peers\/|scores\/|bans\/)/],
  ['event: id, record', /^src\/events\/entries\//],
  ['pending announcements, turns', /^src\/events\/writing\//],
  ['tail, first occurrence', /^src\/events\/(reading|history|event-log)/],
  ['validation', /^src\/(events\/following\/|flows\/log-to-validation)/],
  ['flows', /^src\/(flows|app|events)\//],
  ['metrics', /^(prom-client\/|src\/telemetry\/)/],
  ['log', /^pino\//],
]
const KNOWN = new Map()

/** @param {readonly { name: string, file: string }[]} frames innermost first */
export function partOf(frames) {
  const [innermost] = frames
  if (innermost?.name === '(garbage collector)') return 'garbage collector'
  if (innermost?.name === '(idle)') return '(idle)'
  for (const { file } of frames) {
    const part = ruleFor(file)
    if (part !== undefined) return part
  }
  return 'turns of the event loop, the rest of Node.js'
}

function ruleFor(file) {
  if (!KNOWN.has(file)) KNOWN.set(file, RULES.find(([, pattern]) => pattern.test(file))?.[0])
  return KNOWN.get(file)
}
