import { byId } from '../dom/element.js'
import { eventOf } from '../dom/event-link.js'

const VIEWS = ['events', 'chain', 'charts', 'status']

/**
 * Shows the view that the address names: `#status`, and the events for all others. Back and forward work, and so do bookmarks. The detail of an
 * event stands before the view that is there. Returns a function that names the view.
 */
export function startTabs(onChange) {
  let shown = ''
  const show = () => {
    if (shown !== '' && eventOf(location.hash)) return
    const named = location.hash.slice(1)
    shown = VIEWS.includes(named) ? named : 'events'
    for (const view of VIEWS) {
      byId(`view-${view}`).hidden = view !== shown
      if (view === shown) byId(`tab-${view}`).setAttribute('aria-current', 'page')
      else byId(`tab-${view}`).removeAttribute('aria-current')
    }
    onChange(shown)
  }
  addEventListener('hashchange', show)
  // The address says which view is shown, so the link does not go into it.
  byId('skip').addEventListener('click', (event) => {
    event.preventDefault()
    byId('main').focus()
  })
  show()
  return () => shown
}
