/**
 * How the announcements of one hash came in, first one first: `[{ peerId, at, afterMs, type, id, loggedAt }]`, the first of each
 * announcer and kind. Times are those at which this bridge has heard them.
 */
export function spreadOf(entries, hash) {
  const firsts = new Map()
  for (const { frame, parts } of entries) {
    if (!frame || parts.hash !== hash) continue
    const { type, origin, peerId, receivedAt, loggedAt } = frame.data
    const source = origin === 'own' ? 'own' : peerId
    const known = firsts.get(`${type} ${source}`)
    if (known && known.at <= receivedAt) continue
    firsts.set(`${type} ${source}`, { peerId: source, at: receivedAt, type, id: frame.id, loggedAt })
  }
  const spread = [...firsts.values()].sort((a, b) => a.at - b.at)
  return spread.map((each) => ({ ...each, afterMs: each.at - spread[0].at }))
}

/** The spread in one sentence: how many, and after how long half of them and the last had it. */
export function spreadText(spread, spanText) {
  const announcers = firstOfEach(spread)
  if (announcers.length < 2) return 'One announcer is loaded; a search in the event log finds the others.'
  if (announcers.length === 2) return `2 announcers, the second ${spanText(announcers[1].afterMs)} after the first.`
  const half = announcers[Math.ceil(announcers.length / 2) - 1]
  const last = announcers[announcers.length - 1]
  return `${announcers.length} announcers: half of them within ${spanText(half.afterMs)}, the last after ${spanText(last.afterMs)}.`
}

function firstOfEach(spread) {
  const seen = new Set()
  return spread.filter(({ peerId }) => !seen.has(peerId) && seen.add(peerId))
}
