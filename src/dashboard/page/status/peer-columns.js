import { ageText, compact, heightText, visible } from '../dom/format.js'

/** How a peer's columns are named, shown and sorted. `down`: the first click sorts from high to low. */
export const COLUMNS = [
  { id: 'peer', name: 'Peer', value: ({ peerId }) => peerId },
  { id: 'address', name: 'Address', value: ({ address }) => address, text: ({ address }) => visible(address ?? '–') },
  { id: 'direction', name: 'Direction', value: ({ direction }) => direction, text: ({ direction }) => DIRECTIONS[direction] ?? direction },
  {
    id: 'height',
    name: 'Height',
    isNumber: true,
    down: true,
    value: ({ height }) => height,
    text: ({ height }) => figure(height, heightText),
  },
  { id: 'score', name: 'Score', isNumber: true, down: true, value: ({ points }) => points, text: ({ points }) => figure(points, compact) },
  { id: 'mesh', name: 'Mesh', isNumber: true, down: true, value: ({ mesh }) => mesh.length, text: meshText },
  {
    id: 'latency',
    name: 'Latency',
    isNumber: true,
    value: ({ latencyMs }) => latencyMs,
    text: ({ latencyMs }) => figure(latencyMs, (ms) => `${compact(ms)} ms`),
  },
  {
    id: 'connected',
    name: 'Connected',
    isNumber: true,
    down: true,
    value: ({ connectedAt }) => -Date.parse(connectedAt),
    text: ({ connectedAt }, now) => ageText(now - Date.parse(connectedAt)),
  },
]

const DIRECTIONS = { inbound: 'in', outbound: 'out' }

function figure(value, text) {
  return value === null ? '–' : text(value)
}

function meshText({ mesh, topics }) {
  return topics.length === 0 ? 'no topics' : `${mesh.length} of ${topics.length}`
}

/** Peers without a value come last, whatever the direction; those that are equal keep the order of their ids. */
export function sortPeers(peers, { column, isDown }) {
  const { value } = COLUMNS.find(({ id }) => id === column) ?? COLUMNS[0]
  const sign = isDown ? -1 : 1
  const byId = (one, other) => (one.peerId < other.peerId ? -1 : 1)
  return [...peers].sort((one, other) => {
    const [left, right] = [value(one) ?? null, value(other) ?? null]
    if (left === right) return byId(one, other)
    if (left === null || right === null) return left === null ? 1 : -1
    return left < right ? -sign : sign
  })
}
