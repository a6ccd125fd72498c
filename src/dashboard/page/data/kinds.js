import { count, heightText, hostOf, shortPeer, sizeText, untilText } from '../dom/format.js'

/**
 * What a reader should know of each kind: its names, and what of an event goes where in a row. `title` is the first thing
 * the eye lands on, `hash` can be copied, `detail` is the rest.
 */
export const KINDS = [
  {
    type: 'block',
    name: 'Block',
    plural: 'Blocks',
    parts: ({ block }) => ({ title: heightText(block.height), hash: block.hash, detail: hostOf(block.dataHubUrl) }),
  },
  {
    type: 'subtree',
    name: 'Subtree',
    plural: 'Subtrees',
    parts: ({ subtree }) => ({ title: '', hash: subtree.hash, detail: hostOf(subtree.dataHubUrl) }),
  },
  {
    type: 'mining-on',
    name: 'Mining on',
    plural: 'Mining on',
    parts: ({ miningOn }) => ({
      title: heightText(miningOn.height),
      hash: miningOn.hash,
      detail: [miningOn.miner, count(miningOn.txCount, 'tx', 'txs'), sizeText(miningOn.sizeInBytes)].filter(Boolean).join(' · '),
    }),
  },
  {
    type: 'rejected-tx',
    name: 'Rejected tx',
    plural: 'Rejected txs',
    parts: ({ rejectedTx }) => ({ title: '', hash: rejectedTx.txId, detail: rejectedTx.reason }),
  },
  {
    type: 'sync',
    name: 'Sync',
    plural: 'Sync hints',
    parts: ({ sync }) => ({ title: heightText(sync.height), hash: sync.hash, detail: `a peer is ahead · ${hostOf(sync.dataHubUrl)}` }),
  },
  {
    type: 'ban',
    name: 'Ban',
    plural: 'Bans',
    parts: ({ ban }) => ({
      title: `${BAN_WORDS[ban.action] ?? ban.action} ${shortPeer(ban.key)}`.trim(),
      hash: '',
      detail: banDetail(ban),
    }),
  },
]

const BAN_WORDS = { add: 'banned', remove: 'unbanned', clear: 'all bans cleared', expire: 'ban ended for' }

function banDetail({ action, until, reason, changed }) {
  const how = action === 'add' ? untilText(until) : ''
  return [how, reason, changed === false ? 'nothing to change' : ''].filter(Boolean).join(' · ')
}

const byType = new Map(KINDS.map((kind) => [kind.type, kind]))

/** The kind's row in the table; a kind that a newer server has and this page does not know is shown by its name alone. */
export function kindOf(type) {
  return byType.get(type) ?? { type: 'other', name: type, plural: type, parts: () => ({ title: '', hash: '', detail: '' }) }
}
