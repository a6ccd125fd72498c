import { HEADER_LENGTH, MAX_PEER_ID_LENGTH } from '../../rules/field-rules.ts'
import { canonicalHash } from '../../rules/hash.ts'
import { RefusedError } from '../../rules/refusal.ts'
import { checkUrl, MAX_URL_LENGTH, type UrlRules } from '../../rules/url-rules.ts'

/** Teranode's rules for the fields of its messages. A node that breaks one is scored; display texts are changed instead. */

/** As Go's unicode.IsPrint: letters, marks, numbers, punctuation, symbols, and no space but U+0020. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]*$/u
/** Nearly all texts, and tested in a fraction of the time. */
const PRINTABLE_ASCII = /^[ -~]*$/
const HEX = /^[0-9a-f]*$/i
const MAX_HASH_LENGTH = 64
const MAX_DISPLAY_LENGTH = 128
/** Printable ASCII without what has a meaning in HTML, shells and JSON. */
const NOT_SHOWN = /[^ !#-%(-;=?-[\]-_a-~]/g

function isPrintable(text: string): boolean {
  return PRINTABLE_ASCII.test(text) || PRINTABLE.test(text)
}

export function peerIdText(text: string): string {
  if (Buffer.byteLength(text) > MAX_PEER_ID_LENGTH)
    throw new RefusedError('peer-id', `the peer id has more than ${MAX_PEER_ID_LENGTH} bytes`)
  if (!isPrintable(text)) throw new RefusedError('not-printable', 'the peer id has characters that cannot be printed')
  return text
}

/** An http or https URL that leads into the public network. */
export function urlText(text: string, rules: UrlRules): string {
  printableUrl(text)
  checkUrl(text, { ...rules, allowsSingleLabels: true })
  return text
}

/** The same for a URL that may be empty. */
export function optionalUrlText(text: string, rules: UrlRules): string {
  return text === '' ? '' : urlText(text, rules)
}

/** The same for the URL of a status: a blacklisted one is left out, and the rest is believed. */
export function statusUrlText(text: string, rules: UrlRules): string {
  try {
    return optionalUrlText(text, rules)
  } catch (error) {
    if (error instanceof RefusedError && error.reason === 'url-blacklisted') return ''
    throw error
  }
}

/** The same for a URL that Teranode shows and never fetches: it blames nobody for where it leads. Empty for one that we do not pass on. */
export function shownUrlText(text: string, rules: UrlRules): string {
  printableUrl(text)
  try {
    return optionalUrlText(text, rules)
  } catch (error) {
    if (error instanceof RefusedError) return ''
    throw error
  }
}

function printableUrl(text: string): string {
  if (Buffer.byteLength(text) > MAX_URL_LENGTH) throw new RefusedError('url', `the URL has more than ${MAX_URL_LENGTH} bytes`)
  if (!isPrintable(text)) throw new RefusedError('not-printable', 'the URL has characters that cannot be printed')
  return text
}

/** A hash in canonical form. Text that is not hexadecimal is scored; a missing hash is not. */
export function hashText(name: string, text: string): string {
  if (text.length > MAX_HASH_LENGTH || !HEX.test(text))
    throw new RefusedError('hash', `${name} has to be at most 64 hexadecimal characters`)
  const hash = canonicalHash(text)
  if (hash === undefined) throw new RefusedError('no-hash', `${name} is empty or zero`)
  return hash
}

/** Null for a header that is too short to be one: Teranode takes such a block, and does not look at the header. */
export function headerText(text: string): string | null {
  if (text.length > HEADER_LENGTH || !HEX.test(text)) throw new RefusedError('header', 'the header has to be 160 hexadecimal characters')
  return text.length === HEADER_LENGTH ? text.toLowerCase() : null
}

/** Text for people, filtered first and cut then. */
export function displayText(text: string, maxLength: number = MAX_DISPLAY_LENGTH): string {
  return text.replace(NOT_SHOWN, '').slice(0, maxLength)
}

/** A hexadecimal number of at most 256 bits; empty for other text. */
export function hexOrNothing(text: string): string {
  return text.length <= MAX_HASH_LENGTH && HEX.test(text) ? text : ''
}

/** One of the words; empty for other text. */
export function wordOf(words: readonly string[], text: string): string {
  return words.includes(text) ? text : ''
}
