import { BUCKET_MS } from '../data/rate-meter.js'

/** The columns of the charts for the last `most` buckets: times in seconds, and a value of each line for each. */
export function ratesOf(meters, { types, now, most }) {
  const counts = types.map((type) => meters.get(type).series(now, most))
  const length = Math.max(0, ...counts.map((each) => each.length))
  return [timesOf(now, length), ...counts.map((each) => each.map((count) => (count * 1000) / BUCKET_MS))]
}

/** Median and slowest way into the event log, and median way from there to this page. */
export function latenciesOf({ toLog, toPage }, { now, length }) {
  const [log, page] = [toLog.series(now, length), toPage.series(now, length)]
  return [timesOf(now, length), log.median, log.highest, page.median]
}

/** The last value and the highest one of a line, for people who do not see the chart. */
export function lastAndHighest(values) {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : { last: known[known.length - 1], highest: Math.max(...known) }
}

function timesOf(now, length) {
  const current = Math.floor(now / BUCKET_MS)
  return Array.from({ length }, (_, index) => ((current - length + index) * BUCKET_MS) / 1000)
}
