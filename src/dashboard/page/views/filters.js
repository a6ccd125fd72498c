import { byId } from '../dom/element.js'

/** What the feed shows, in the address: `?q=…&origin=…&without=ban,sync&times=clock`. So a link or a bookmark shows the same. */
export function readFilters() {
  const asked = new URLSearchParams(location.search)
  byId('search').value = asked.get('q') ?? ''
  byId('origin').value = asked.get('origin') ?? ''
  if (byId('origin').selectedIndex < 0) byId('origin').value = ''
  const hasClockTimes = asked.get('times') === 'clock'
  byId('times').setAttribute('aria-pressed', String(hasClockTimes))
  return { without: (asked.get('without') ?? '').split(',').filter(Boolean), hasClockTimes }
}

/** `without`: the kinds that are left out. */
export function keepFilters(without) {
  const kept = {
    q: byId('search').value.trim(),
    origin: byId('origin').value,
    without: without.join(),
    times: hasClockTimes() ? 'clock' : '',
  }
  const query = new URLSearchParams(Object.entries(kept).filter(([, value]) => value !== ''))
  history.replaceState(null, '', `${location.pathname}${query.size > 0 ? `?${query}` : ''}${location.hash}`)
}

export function hasClockTimes() {
  return byId('times').getAttribute('aria-pressed') === 'true'
}
