import { timeOfText, timeText } from '../../lifecycle/time-text.ts'
import { BadInputError } from '../../messages/errors.ts'
import type { Ban } from '../ban.ts'
import { parseBanKey } from '../ban-key.ts'

/** One entry of a file of bans. `until` in ms since the epoch; null: permanent; undefined: the file does not say. */
export interface BanFileEntry {
  readonly key: string
  readonly until: number | null | undefined
  readonly reason: string
}

export type BanFileFormat = 'bitcoin' | 'plain'

/** A file with more entries is split by hand. */
const MOST_ENTRIES = 100_000

/**
 * Reads a file of bans: Bitcoin Core's `banlist.json` (or what its `listbanned` prints), or a plain list: a key on each line, then perhaps
 * the end of the ban or `permanent`, then perhaps `#` and the reason. Throws BadInputError that names the line
 * or entry: nothing of a file with a mistake is used. `otherwise` is the reason of entries that give none, as none of Bitcoin Core's does.
 */
export function parseBanFile(written: string, otherwise = ''): BanFileEntry[] {
  const text = written.replace(/^\uFEFF/, '') // Windows begins a file with a byte order mark
  const isJson = /^\s*[[{]/.test(text)
  const entries = isJson
    ? bitcoinEntries(text, otherwise || 'imported from Bitcoin Core')
    : text.split('\n').flatMap((line, at) => plainEntry(line, at + 1, otherwise))
  if (entries.length > MOST_ENTRIES) throw refused(`the file has ${entries.length} entries: at most ${MOST_ENTRIES} are taken at once`)
  return entries
}

/** The text of a file of bans. Bitcoin Core knows addresses only, so peer ids are left out of its format, and `until` counts seconds. */
export function formatBanFile(bans: readonly Ban[], format: BanFileFormat): string {
  if (format === 'plain') return bans.map(plainLine).join('')
  const nets = bans.flatMap(({ key, until, since }) => {
    const parsed = parseBanKey(key)
    if (parsed.family === 'peer') return []
    const address = key.includes('/') ? key : `${key}/${parsed.prefix}`
    return [
      { version: 1, ban_created: Math.floor(since / 1000), banned_until: until === null ? FOR_GOOD_S : Math.ceil(until / 1000), address },
    ]
  })
  return `${JSON.stringify({ banned_nets: nets }, null, 2)}\n`
}

/** Bitcoin Core has no ban without an end: this is the end of the year 9999. */
const FOR_GOOD_S = Date.UTC(9999, 11, 31) / 1000

function plainLine({ key, until, reason }: Ban): string {
  const why = reason === '' ? '' : ` # ${reason.replace(/\s+/g, ' ')}`
  return `${key} ${until === null ? 'permanent' : timeText(until)}${why}\n`
}

function plainEntry(line: string, number: number, otherwise: string): BanFileEntry[] {
  const [content = '', ...comment] = line.split('#')
  const [key, end, ...more] = content.trim().split(/\s+/)
  if (!key) return []
  if (more.length > 0) throw refused(`line ${number} has more than a key and an end: the reason follows a #`)
  return [{ key: keyOf(key, `line ${number}`), until: endOf(end, number), reason: comment.join('#').trim() || otherwise }]
}

function endOf(text: string | undefined, line: number): BanFileEntry['until'] {
  if (text === undefined) return undefined
  if (text === 'permanent') return null
  const time = timeOfText(text)
  if (time === undefined)
    throw refused(`line ${line}: ${JSON.stringify(text)} is no time such as 2026-01-31T12:00:00Z, with its zone, and not permanent`)
  return time
}

function bitcoinEntries(text: string, reason: string): BanFileEntry[] {
  let content: unknown
  try {
    content = JSON.parse(text)
  } catch (error) {
    throw refused(`the file is no JSON: ${error instanceof Error ? error.message : error}`)
  }
  const nets = Array.isArray(content) ? content : (content as { banned_nets?: unknown }).banned_nets
  if (!Array.isArray(nets)) throw refused('the file is JSON, but has no list banned_nets as Bitcoin Core writes it')
  return nets.map((net: unknown, at) => {
    const { address, banned_until: until } = (typeof net === 'object' && net !== null ? net : {}) as Record<string, unknown>
    if (typeof address !== 'string') throw refused(`entry ${at + 1} has no address`)
    if (!Number.isSafeInteger(until) || Number(until) < 0)
      throw refused(`entry ${at + 1} (${address}) has no banned_until in seconds since 1970`)
    const end = Number(until) >= FOR_GOOD_S ? null : Number(until) * 1000
    return { key: keyOf(address, `entry ${at + 1}`), until: end, reason }
  })
}

function keyOf(text: string, place: string): string {
  try {
    return parseBanKey(text).text
  } catch (error) {
    throw refused(`${place}: ${error instanceof Error ? error.message : error}`)
  }
}

function refused(message: string): BadInputError {
  return new BadInputError('ban-command', message)
}
