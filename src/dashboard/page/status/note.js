import { byId, setText } from '../dom/element.js'

/** A sentence where a list has nothing to show; empty: none. */
export function note(id, text) {
  byId(id).hidden = text === ''
  setText(byId(id), text)
}
