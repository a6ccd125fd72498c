import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const FOLDER = new URL('../../../src/websocket/', import.meta.url).pathname
/** What goes out by these is text or bytes. `publish` writes UTF-8 with every binary. */
const METHODS = new Set(['send', 'end', 'tryEnd', 'write', 'ping'])
/** Our own bytes, flags, the code of a close frame, and the bytes of a page. */
const ALLOWED = /^(utf8\(.*\)|true|false|code|bytes|file\.body)$/s

/** Calls of the library's `send`, `end` and the like that are given something else than bytes of our own. */
function textsGiven(source: string): string[] {
  if (!/from 'uWebSockets\.js'/.test(source)) return []
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && METHODS.has(node.expression.name.text)) {
      if (!node.arguments.every((argument) => ALLOWED.test(argument.getText()))) found.push(node.getText())
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest, true))
  return found
}

// The binary for Node.js 24 may send text as Latin-1; only the tests of the image run on it.
test('uWebSockets.js is given bytes, never text to send', () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const found = files.flatMap((file) => textsGiven(readFileSync(join(FOLDER, file), 'utf8')).map((call) => `${file}: ${call}`))
  expect(found).toEqual([])
})

test.each([
  "response.end('é')",
  'response.writeStatus(status).end(text, true)',
  'this.#socket.send(JSON.stringify(frame), false)',
  'if (!response.write(texts.join())) return',
  'socket.end(code, reason)',
])('%s would be found', (call) => {
  expect(textsGiven(`import type uWS from 'uWebSockets.js'\n${call}`)).toHaveLength(1)
})

test('what is ours would not', () => {
  const source =
    "import uWS from 'uWebSockets.js'\nsocket.end(code, utf8(reason)); response.end(utf8(`é`), true); page.end(); app.publish(topic, text)"
  expect(textsGiven(source)).toEqual([])
})
