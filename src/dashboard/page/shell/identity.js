import { byId, setText } from '../dom/element.js'
import { shortPeer, visible } from '../dom/format.js'

/** Who the server is, as it says in `hello`, and its clock. */
export class Identity {
  /** The last `hello`; null before the first. */
  said = null
  /** The server's clock minus ours: ages are right even where this machine's clock is wrong. */
  #clockOffsetMs = 0

  now() {
    return Date.now() + this.#clockOffsetMs
  }

  /** Returns whether the server is another bridge than before, so that what is shown is not its. `notify`: tells people of a change. */
  hello(frame, notify) {
    this.#clockOffsetMs = frame.time - Date.now()
    const before = this.said
    this.said = frame
    this.#draw(frame)
    const isOther = before !== null && (before.bridgeId !== frame.bridgeId || before.network !== frame.network)
    if (isOther) notify('The server is now another bridge; the earlier events have been cleared.')
    else if (before && before.server !== frame.server) notify('The bridge was updated; reload the page to get its new dashboard.')
    return isOther
  }

  #draw(frame) {
    const name = visible(frame.clientName || frame.bridgeId)
    document.title = `${name} · gossip-bridge`
    setText(byId('node-name'), name)
    show('network', visible(frame.network))
    show('own-peer', frame.peerId ? `peer ${visible(shortPeer(frame.peerId))}` : '')
    byId('own-peer').title = visible(frame.peerId)
    setText(byId('server'), visible(frame.server))
  }
}

function show(id, text) {
  byId(id).hidden = text === ''
  setText(byId(id), text)
}
