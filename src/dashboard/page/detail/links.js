/** The address of a link to a URL that a stranger has written: http and https only, without credentials. Null for any other text. */
export function safeHref(text) {
  try {
    const url = new URL(text)
    const isPlain = (url.protocol === 'https:' || url.protocol === 'http:') && url.username === '' && url.password === ''
    return isPlain ? url.href : null
  } catch {
    return null
  }
}

/** What an explorer calls the thing that a kind of event is about. */
export function pageKind({ type, hash }) {
  if (hash === 'txId') return 'tx'
  return type === 'subtree' ? 'subtree' : 'block'
}

/** The page of an explorer, by the operator's template with `{hash}` and `{kind}`. Null without a template, or for what is no hash. */
export function explorerHref(template, { hash, kind }) {
  if (template === '' || !/^[0-9a-f]{64}$/.test(hash)) return null
  return safeHref(template.split('{hash}').join(hash).split('{kind}').join(kind))
}
