/** JSON as it came, indented. The text is not parsed: an integer beyond 2^53 keeps all its digits. */
export function indentJson(text) {
  let depth = 0
  return text.replace(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g, (token, at) => {
    if (token === ',') return `,${line(depth)}`
    if (token === ':') return ': '
    if (token === '{' || token === '[') {
      if (isClose(text[at + 1])) return token
      depth += 1
      return `${token}${line(depth)}`
    }
    if (!isClose(token)) return token
    if (isOpen(text[at - 1])) return token
    depth -= 1
    return `${line(depth)}${token}`
  })
}

/** The value of a JSON text, with numbers as their text where the browser can tell it: so a large integer keeps all its digits. */
export function exactValue(text) {
  return JSON.parse(text, (_name, value, context) => (typeof value === 'number' && context?.source ? new Exact(context.source) : value))
}

/** A number of which every digit counts. */
export class Exact {
  constructor(source) {
    this.source = source
  }

  toString() {
    return this.source
  }
}

function line(depth) {
  return `\n${'  '.repeat(depth)}`
}

function isOpen(character) {
  return character === '{' || character === '['
}

function isClose(character) {
  return character === '}' || character === ']'
}
