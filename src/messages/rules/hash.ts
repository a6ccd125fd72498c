const ANY_HASH = /^[0-9a-fA-F]{1,64}$/
const FULL_HASH = /^[0-9a-f]{64}$/
const NO_HASH = '0'.repeat(64)

/**
 * The canonical form (64 lower-case characters) of a hash as Go reads it: any case, and shorter text padded with zeros on the
 * left. Undefined for other text, and for zero, which means "unknown" in Go.
 */
export function canonicalHash(text: string): string | undefined {
  if (FULL_HASH.test(text)) return text === NO_HASH ? undefined : text
  if (!ANY_HASH.test(text)) return undefined
  const hash = text.toLowerCase().padStart(64, '0')
  return hash === NO_HASH ? undefined : hash
}
