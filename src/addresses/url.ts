/**
 * A URL as the standard's parser reads it, undefined for any other text. Not by `URL.canParse`: in Node 20 and 22 it refuses a host with a
 * letter of Latin-1 ("bücher.example") once V8 has optimised its caller, some thousand calls later.
 */
export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    return undefined
  }
}
