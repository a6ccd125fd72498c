import { type Finding, fail, messageOf, ok, warn } from '../finding.ts'

export interface TokenKeysOptions {
  /** `ws_auth_jwks_file`. */
  readonly file: string
}

export interface TokenKeysDeps {
  readonly readFile: (path: string) => string
  /** Throws when the text is no set of public keys; its message goes on after the name of the file. */
  readonly factsOf: (text: string) => { readonly usable: number; readonly unusable: readonly string[] }
}

/** Whether tokens of clients can be checked with the keys of the file. */
export function judgeTokenKeys({ file }: TokenKeysOptions, { readFile, factsOf }: TokenKeysDeps): Finding {
  const name = `ws_auth_jwks_file ${file}`
  const remedy = 'put the public keys of the issuer there, as its jwks_uri gives them'
  let text: string
  try {
    text = readFile(file)
  } catch (error) {
    return fail(`${name} cannot be read: ${messageOf(error)}`, 'correct the path or the rights of the file')
  }
  try {
    const { usable, unusable } = factsOf(text)
    const others = unusable.join('; ')
    if (usable === 0) return fail(`no key of ${name} can check a token: ${others}`, `${remedy}, or correct ws_auth_algorithms`)
    const counted = `${usable} ${usable === 1 ? 'key' : 'keys'} of ${name} can check tokens`
    return unusable.length === 0
      ? ok(counted)
      : warn(`${counted}; not usable: ${others}`, 'tokens of the other keys are refused: nothing to do if that is meant')
  } catch (error) {
    return fail(`${name} ${messageOf(error)}`, remedy)
  }
}
