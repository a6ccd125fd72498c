/** The address of one event's detail. The time says where in the event log the event stands, so that it is found when it is not loaded. */
export function eventHref({ id, loggedAt }) {
  return `#event=${encodeURIComponent(id)}&at=${Number(loggedAt) || 0}`
}

/** The event that an address names: `{ id, at }`, or null for another address. */
export function eventOf(hash) {
  const asked = new URLSearchParams(hash.slice(1))
  const id = asked.get('event')
  return id ? { id, at: Number(asked.get('at')) || 0 } : null
}
