import { printableJson } from './printable.ts'
import type { RawValue, Setting } from './setting.ts'

const LONGEST_SHOWN = 200

/** A value in a form that anybody may see: quoted, cut, without control characters and secrets. */
export function shownValue(setting: Pick<Setting, 'secret'> | undefined, value: RawValue): string {
  if (value.length === 0) return 'empty'
  const text = typeof value === 'string' ? value : value.join('|')
  if (setting?.secret === 'value') return '[secret]'
  return quoted(setting?.secret === 'password' ? withoutCredentials(text) : text)
}

function quoted(text: string): string {
  const cut = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text
  return printableJson(JSON.stringify(cut))
}

/** Text that is not a URL may be a password pasted into the wrong place, so none of it is shown. */
function withoutCredentials(text: string): string {
  if (text === '') return text
  if (!URL.canParse(text)) return '[secret]'
  const url = new URL(text)
  if (url.username !== '') url.username = 'redacted'
  if (url.password !== '') url.password = 'redacted'
  for (const name of [...url.searchParams.keys()]) url.searchParams.set(name, 'redacted')
  return url.href
}
