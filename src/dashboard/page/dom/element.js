/** Creates an element. Text always becomes a text node, so no text from strangers can become markup. */
export function element(name, { className, text, ...attributes } = {}, children = []) {
  const made = document.createElement(name)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  for (const [attribute, value] of Object.entries(attributes))
    if (value !== null && value !== undefined) made.setAttribute(attribute, value)
  made.append(...children)
  return made
}

export function byId(id) {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no element ${id}`)
  return found
}

/** Writes only a changed text: a write costs layout, and makes screen readers speak. */
export function setText(target, text) {
  if (target.textContent !== text) target.textContent = text
}

/** A hash that is cut in the middle where there is no room; selecting or copying it gives the whole hash. */
export function hashElement(hash) {
  const tail = hash.length > 16 ? 8 : 0
  const head = hash.slice(0, hash.length - tail)
  return element('span', { className: 'hash', title: hash }, [
    element('span', { className: 'hash-head', text: head }),
    element('span', { className: 'hash-tail', text: hash.slice(hash.length - tail) }),
  ])
}
