import { byId, setText } from '../dom/element.js'

const ORDER = ['auto', 'light', 'dark']
const KEY = 'gossip-bridge-theme'

/** Auto follows the system; the button goes through auto, light and dark, and the choice is kept where the browser allows. */
export function startTheme() {
  let theme = read()
  const apply = () => {
    if (theme === 'auto') delete document.documentElement.dataset.theme
    else document.documentElement.dataset.theme = theme
    setText(byId('theme-name'), theme)
  }
  byId('theme').addEventListener('click', () => {
    theme = ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length]
    write(theme)
    apply()
  })
  apply()
}

function read() {
  try {
    const kept = localStorage.getItem(KEY)
    return ORDER.includes(kept) ? kept : 'auto'
  } catch {
    return 'auto'
  }
}

function write(theme) {
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // A browser that keeps nothing still shows the choice until the page is closed.
  }
}
