import { kind } from './kinds.ts'

const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+)=([\x20-\x7e]*)$/
/** These are the business of the client that sends the request. */
const NOT_OURS = /^(host|content-length|content-type|transfer-encoding|connection|upgrade|expect|keep-alive|te|trailer)$/

/** HTTP headers as OpenTelemetry writes them: `name=value`, separated by commas, values with percent-escapes. */
export function httpHeaders() {
  return kind('HTTP headers as name=value, separated by commas, such as authorization=Bearer%20KEY', (text) => {
    const headers: Record<string, string> = {}
    for (const part of text.split(',')) {
      if (part.trim() === '') continue
      const [, name = '', value = ''] = HEADER.exec(part.trim()) ?? []
      const plain = unescaped(value.trim())
      if (name === '' || NOT_OURS.test(name.toLowerCase()) || plain === undefined) return undefined
      headers[name.toLowerCase()] = plain
    }
    return headers
  })
}

/** Undefined for a value that no header may have. */
function unescaped(value: string): string | undefined {
  try {
    const plain = decodeURIComponent(value)
    return /^[\x20-\x7e]*$/.test(plain) ? plain : undefined
  } catch {
    return undefined
  }
}
