import { byId } from '../dom/element.js'

const VIEWS = ['events', 'status']

/** Shows the view that the address names: `#status`, and the events for all others. Back and forward work, and so do bookmarks. */
export function startTabs(onChange) {
  const show = () => {
    const named = location.hash.slice(1)
    const shown = VIEWS.includes(named) ? named : 'events'
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
}
