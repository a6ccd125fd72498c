/**
 * Text as the bytes that go out, for every `send`, `end` and `write`. Where the library itself turns text into bytes it may send Latin-1: the binary of `uwebsockets` 3.0.6 for
 * Node.js 24 does so in `send`, `end` and `write` for text without a character above U+00FF. A browser ends a WebSocket connection at such
 * a byte. `publish` writes UTF-8 with every binary; `npm run test:image` holds both.
 */
export function utf8(text: string): Buffer {
  return Buffer.from(text, 'utf8')
}
