import { byId } from '../dom/element.js'

/** Asks for the token that the bridge wants. `given(token)` gets what is typed; nothing of it is stored. */
export class TokenForm {
  constructor({ given }) {
    byId('token-form').addEventListener('submit', (event) => {
      event.preventDefault()
      const token = byId('token').value.trim()
      byId('token').value = ''
      this.hide()
      given(token)
    })
  }

  show() {
    if (!byId('token-form').hidden) return
    byId('token-form').hidden = false
    byId('token').focus()
  }

  hide() {
    byId('token-form').hidden = true
  }
}
