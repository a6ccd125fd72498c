import { byId } from '../dom/element.js'
import { eventOf } from '../dom/event-link.js'

const NOT_FOUND = 'The event log does not hold this event any more, or it is that of another bridge.'

/**
 * Opens the detail of the event that the address names, and closes it with the address. `find(id)` gives a loaded event; `look(id, at)`
 * looks in the event log and resolves to null when it is not there; `viewName()` names the view behind the dialog.
 */
export class DetailDialog {
  #dialog = byId('detail')
  #deps
  #asked = ''

  constructor(deps) {
    this.#deps = deps
    addEventListener('hashchange', () => this.show())
    byId('detail-close').addEventListener('click', () => this.#dialog.close())
    this.#dialog.addEventListener('click', (event) => {
      if (event.target === this.#dialog) this.#dialog.close()
    })
    this.#dialog.addEventListener('close', () => this.#closed())
  }

  /** Called once at start, and whenever the address changes. */
  show() {
    const asked = eventOf(location.hash)
    if (!asked) {
      this.#asked = ''
      if (this.#dialog.open) this.#dialog.close()
      return
    }
    this.#asked = asked.id
    const { find, view } = this.#deps
    const entry = find(asked.id)
    if (entry) this.#draw(entry)
    else {
      view.wait('Looking for it in the event log…')
      void this.#look(asked)
    }
    if (!this.#dialog.open) this.#dialog.showModal()
  }

  async #look({ id, at }) {
    const { look, view } = this.#deps
    const found = await look(id, at)
    if (this.#asked !== id) return
    if (found.entry) this.#draw(found.entry)
    else view.wait(found.failure ?? NOT_FOUND)
  }

  #draw(entry) {
    const { view, context } = this.#deps
    view.draw(entry, context())
  }

  #closed() {
    if (this.#asked === '') return
    this.#asked = ''
    history.replaceState(null, '', `${location.pathname}${location.search}#${this.#deps.viewName()}`)
  }
}
