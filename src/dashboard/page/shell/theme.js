import { byId, setText } from '../dom/element.js'

const ORDER = ['auto', 'light', 'dark']
const KEY = 'gossip-bridge-theme'

/** Auto follows the system. The button cycles through auto, light and dark; the choice is stored where the browser allows. */
export function startTheme(onChange) {
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
    onChange()
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
    // A browser without storage keeps the choice until the page is closed.
  }
}
