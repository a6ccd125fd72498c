import { count, heightText, hostOf, shortPeer, sizeText, untilText } from '../dom/format.js'
// The server generates this file from its table of kinds: src/messages/page-rows.ts.
import { ROWS } from './kind-rows.js'

const FORMATS = {
  text: (value) => String(value),
  height: heightText,
  host: hostOf,
  transactions: (value) => count(value, 'tx', 'txs'),
  bytes: sizeText,
}

/**
 * How the page shows each kind: its names, and the parts of its row. `title` comes first and stands out, `hash` can be
 * copied, `detail` is the rest.
 */
export const KINDS = [
  ...ROWS.map((row) => ({ ...row, parts: (data) => partsOf(row, data[row.payload]) })),
  {
    type: 'sync',
    payload: 'sync',
    name: 'Sync',
    plural: 'Sync hints',
    parts: ({ sync }) => ({ title: heightText(sync.height), hash: sync.hash, detail: `a peer is ahead · ${hostOf(sync.dataHubUrl)}` }),
  },
  {
    type: 'ban',
    payload: 'ban',
    name: 'Ban',
    plural: 'Bans',
    parts: ({ ban }) => ({
      title: `${BAN_WORDS[ban.action] ?? ban.action} ${shortPeer(ban.key)}`.trim(),
      hash: '',
      detail: banDetail(ban),
    }),
  },
]

/** A format that only a newer server knows falls back to text. */
function shown(content, { property, format }) {
  return (FORMATS[format] ?? FORMATS.text)(content[property])
}

function partsOf({ hash, title, details }, content) {
  const detail = details.map((part) => shown(content, part)).filter(Boolean)
  return { title: title ? shown(content, title) : '', hash: content[hash], detail: detail.join(' · ') }
}

const BAN_WORDS = { add: 'banned', remove: 'unbanned', clear: 'all bans cleared', expire: 'ban ended for' }

function banDetail({ action, until, reason, changed }) {
  const how = action === 'add' ? untilText(until) : ''
  return [how, reason, changed === false ? 'nothing to change' : ''].filter(Boolean).join(' · ')
}

const byType = new Map(KINDS.map((kind) => [kind.type, kind]))

/** The kind's row in the table. An unknown kind of a newer server is shown by its name alone. */
export function kindOf(type) {
  return byType.get(type) ?? { type: 'other', name: type, plural: type, parts: () => ({ title: '', hash: '', detail: '' }) }
}
