import { parseUrl } from '../addresses/url.ts'
import { printableJson } from './printable.ts'
import type { RawValue, Setting } from './setting.ts'

const LONGEST_SHOWN = 200

/** A value in a form that anybody may see: quoted, cut, without control characters and secrets. */
export function shownValue(setting: Pick<Setting, 'secret'> | undefined, value: RawValue): string {
  if (value.length === 0) return 'empty'
  const text = typeof value === 'string' ? value : value.join('|')
  if (setting?.secret === 'value') return '[secret]'
  if (setting?.secret !== 'password') return quoted(text)
  const shown = withoutCredentials(text)
  return shown === '[secret]' ? shown : quoted(shown)
}

function quoted(text: string): string {
  const cut = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text
  return printableJson(JSON.stringify(cut))
}

/**
 * A URL of which only the scheme, the host and the path are shown. In a text of any other form nobody can tell where the password
 * stands (`jdbc:postgresql://...`, a "/" or "#" in a password that is not escaped), so none of it is shown.
 */
function withoutCredentials(text: string): string {
  const url = parseUrl(text)
  if (!url) return '[secret]'
  const { protocol, username, password, host, pathname, hash, searchParams } = url
  const names = [...searchParams.keys()]
  const isPlain = host !== '' && hash === '' && PLAIN_PATH.test(pathname) && names.every((name) => PARAMETER_NAME.test(name))
  if (!isPlain) return '[secret]'
  const credentials = username === '' && password === '' ? '' : 'redacted:redacted@'
  const query = names.map((name) => `${name}=redacted`).join('&')
  return `${protocol}//${credentials}${host}${pathname}${query && `?${query}`}`
}

const PLAIN_PATH = /^[A-Za-z0-9_./~-]*$/
const PARAMETER_NAME = /^[a-z_]{1,40}$/

/** The values that may not be repeated in a fault, in any form: a password is most often in a text that is wrong. */
export function shownFault(setting: Pick<Setting, 'secret'> | undefined, value: RawValue): string {
  return setting?.secret === undefined || value.length === 0 ? shownValue(setting, value) : '[secret]'
}
