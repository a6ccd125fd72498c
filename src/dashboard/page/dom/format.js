/** Makes text from strangers safe to show: control and direction characters become visible marks. */
export function visible(text) {
  return String(text ?? '').replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return `\u27e8${code.toString(16).toUpperCase().padStart(4, '0')}\u27e9`
  })
}

const number = new Intl.NumberFormat('en-GB')

export function heightText(height) {
  return Number.isFinite(height) ? number.format(height) : ''
}

export function count(value, one, many) {
  return typeof value === 'number' ? `${number.format(value)} ${value === 1 ? one : many}` : ''
}

/** `1,234` in full, larger ones as `12.3k`. */
export function compact(value) {
  return value < 10_000
    ? number.format(value)
    : new Intl.NumberFormat('en-GB', { notation: 'compact', maximumFractionDigits: 1 }).format(value)
}

export function sizeText(bytes) {
  if (typeof bytes !== 'number') return ''
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** How long ago, in the largest fitting unit. */
export function ageText(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 2) return 'now'
  if (seconds < 60) return `${seconds} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h`
  return `${Math.floor(seconds / 86_400)} d`
}

export function agoText(ms) {
  const age = ageText(ms)
  return age === 'now' ? 'just now' : `${age} ago`
}

/** A rate, from the number of events in a minute; null is not known yet. */
export function rateText(perMinute) {
  if (perMinute === null) return '–'
  if (perMinute >= 120) return `${number.format(Math.round(perMinute / 6) / 10)}/s`
  return `${number.format(Math.round(perMinute * 10) / 10)}/min`
}

/** A long id cut to its two ends, because people compare those. */
export function shortPeer(id) {
  const text = String(id ?? '')
  return text.length > 24 && !text.includes('/') ? `${text.slice(0, 6)}…${text.slice(-6)}` : text
}

export function hostOf(url) {
  try {
    return new URL(url).host
  } catch {
    return ''
  }
}

export function untilText(until) {
  return typeof until === 'number' ? `until ${fullTime(until)}` : 'for good'
}

/** The date of milliseconds since the epoch; null for a number that is no time. */
export function timeOf(ms) {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms) : null
}

const dateTime = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })

export function fullTime(ms) {
  return timeOf(ms) ? dateTime.format(ms) : ''
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** The time of day, in this browser's time zone. */
export function clockText(ms) {
  return timeOf(ms) ? clock.format(ms) : ''
}

/** A span of time, from milliseconds: `140 ms`, `2.4 s`, `3 min`. */
export function spanText(ms) {
  if (!Number.isFinite(ms)) return '–'
  if (Math.abs(ms) < 1000) return `${Math.round(ms)} ms`
  return Math.abs(ms) < 60_000 ? `${(ms / 1000).toFixed(1)} s` : ageText(ms)
}
