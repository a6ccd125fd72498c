import { timeText } from '../../lifecycle/time-text.ts'
import type { BanChange } from '../ban.ts'

/**
 * What a change of the ban list did, in a sentence. Whoever may ban chooses the reason, so it is quoted; a terminal shows the sentence only
 * after the controls that JSON does not escape are gone.
 */
export function changeSentence({ action, key, until, reason, changed }: BanChange): string {
  if (action === 'clear') return changed ? 'All bans are lifted.' : 'Nobody was banned: nothing changed.'
  if (action === 'remove') return changed ? `${key} is no longer banned.` : `There was no ban of exactly ${key}: nothing changed.`
  const end = until === null ? 'for good' : `until ${timeText(until)}`
  const because = reason === '' ? '' : `, because ${JSON.stringify(reason)}`
  return changed ? `${key} is banned ${end}${because}.` : `${key} was banned ${end} already, or that time is over: nothing changed.`
}
