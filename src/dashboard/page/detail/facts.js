import { offsetOf } from '../data/blocks.js'
import { fullTime, heightText, sizeText, spanText, timeOf, visible } from '../dom/format.js'
import { safeHref } from './links.js'

const NAMES = {
  hash: 'Hash',
  txId: 'Transaction',
  previousHash: 'Previous block',
  bestBlockHash: 'Best block',
  dataHubUrl: 'DataHub',
  header: 'Header',
  announcedHeight: 'Announced height',
  sizeInBytes: 'Size',
  txCount: 'Transactions',
  fsmState: 'State',
  cause: 'Source',
}
/** Properties that are shown in a row of their own kind; the others as they are. */
const FORMATS = {
  height: (value) => heightText(Number(value)),
  announcedHeight: (value) => heightText(Number(value)),
  bestHeight: (value) => heightText(Number(value)),
  syncPeerHeight: (value) => heightText(Number(value)),
  sizeInBytes: (value) => `${sizeText(Number(value))} (${value} bytes)`,
  until: (value) => fullTime(Number(value)),
  startTime: (value) => fullTime(1000 * Number(value)),
  syncConnectedAt: (value) => fullTime(1000 * Number(value)),
}

/** What the announcement says: a row `{ name, text, href, isCode }` for each property, in its order. */
export function contentFacts(content) {
  return Object.entries(content).flatMap(([property, value]) => {
    if (value === null || value === undefined || value === '') return []
    const text = visible(FORMATS[property]?.(value) || plainText(value))
    const isUrl = typeof value === 'string' && /^https?:/i.test(value)
    return [{ name: NAMES[property] ?? wordsOf(property), text, href: isUrl ? safeHref(value) : null, isCode: isCode(value) }]
  })
}

/** How the event came here: signer, times, place in the event log. */
export function pathFacts({ id, cursor, data }, { network, bridgeId }) {
  const { origin, peerId, receivedAt, loggedAt, source } = data
  const offset = offsetOf(cursor)
  const rows = [
    { name: origin === 'own' ? 'From' : 'Signed by', text: origin === 'own' ? 'the own node' : visible(peerId), isCode: origin !== 'own' },
    { name: 'Source', text: source ? visible(`${source.topic}, partition ${source.partition}, offset ${source.offset}`) : '' },
    { name: 'Heard', text: exactTime(receivedAt) },
    { name: 'In the event log', text: `${exactTime(loggedAt)}, ${spanText(loggedAt - receivedAt)} later` },
    { name: 'Place', text: offset < 0 ? '' : `event log, partition 0, offset ${offset}` },
    { name: 'Bridge', text: visible([bridgeId, network].filter(Boolean).join(' on ')) },
    { name: 'Event id', text: visible(id), isCode: true },
    { name: 'Cursor', text: visible(cursor), isCode: true },
  ]
  return rows.filter(({ text }) => text !== '').map((row) => ({ href: null, isCode: false, ...row }))
}

/** `2026-11-30 10:31:05.123` of this browser's time zone: an announcement is a matter of milliseconds. */
function exactTime(ms) {
  const time = timeOf(ms)
  return time ? `${fullTime(ms)}.${String(time.getMilliseconds()).padStart(3, '0')}` : 'at no time'
}

function plainText(value) {
  return typeof value === 'object' && value.constructor === Object ? JSON.stringify(value) : String(value)
}

function isCode(value) {
  return typeof value === 'string' && value.length >= 24 && !/\s/.test(value)
}

/** `minMiningTxFee` as `Min mining tx fee`. */
function wordsOf(property) {
  const words = property.replace(/([A-Z])/g, ' $1').toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
