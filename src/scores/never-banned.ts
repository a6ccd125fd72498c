import type { BanSubject } from '../bans/ban.ts'
import { parseBanKey } from '../bans/ban-key.ts'
import { BanList } from '../bans/ban-list.ts'

/** Peers that nothing automatic may ban, named as in commands: peer ids, addresses, CIDRs. Throws BadInputError for other text. */
export function neverBanned(keys: readonly string[]): (subject: BanSubject) => boolean {
  const list = new BanList({ maxEntries: Number.POSITIVE_INFINITY })
  for (const key of keys) list.add({ key: parseBanKey(key).text, until: null, reason: '', since: 0, cause: 'settings' })
  return (subject) => list.find(subject, 0) !== undefined
}
