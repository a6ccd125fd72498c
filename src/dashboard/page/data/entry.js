import { visible } from '../dom/format.js'
import { kindOf } from './kinds.js'

/** An event as the page keeps it: `{ frame, kind, parts, text }`. `parts` are those of its row, `text` is what filters search. */
export function entryOf(frame) {
  const kind = kindOf(frame.data.type)
  const parts = partsOf(kind, frame.data)
  return { frame, kind, parts, text: searchText(kind, parts, frame.data) }
}

function partsOf(kind, data) {
  try {
    const { title, hash, detail } = kind.parts(data)
    return { title: visible(title), hash: visible(hash), detail: visible(detail) }
  } catch {
    return { title: '', hash: '', detail: 'not understood by this page' } // another version of the bridge
  }
}

/** All that the row shows, with shortened values in full. */
function searchText(kind, parts, data) {
  const height = parts.title.replaceAll(',', '')
  return [kind.name, parts.title, height, parts.hash, parts.detail, data.peerId, data.origin, data.ban?.key].join(' ').toLowerCase()
}
