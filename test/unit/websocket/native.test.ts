import { expect, test } from 'vitest'
import { whyNoWebSockets } from '../../../src/websocket/native.ts'

const PREFIX = 'Error: This version of uWS.js supports only Node.js versions 16 to 25\n\nError: '

test('a Node.js without a binary', () => {
  const error = `${PREFIX}Cannot find module './uws_linux_x64_147.node'\nRequire stack:\n- /app/uws.js`
  const why = whyNoWebSockets(error, { nodeVersion: 'v26.10.0', glibcVersion: '2.41' })
  expect(why?.reason).toBe('uWebSockets.js has no binary for Node.js v26.10.0 on this platform')
  expect(why?.remedy).toMatch(/Node.js 20, 22 or 24, .*roles=relay,admin/)
})

test.each([
  ['2.36', /needs glibc 2\.38, and this system has 2\.36$/],
  [undefined, /needs glibc 2\.38, and this system has another C library$/],
])('a system with glibc %s', (glibcVersion, reason) => {
  const error = `${PREFIX}/lib/libm.so.6: version \`GLIBC_2.38' not found (required by /app/uws_linux_x64_127.node)`
  const why = whyNoWebSockets(error, { nodeVersion: 'v22.23.3', glibcVersion })
  expect(why?.reason).toMatch(reason)
  expect(why?.remedy).toContain('Node.js 20')
})

test('another error of loading it is repeated in one line, and an error of something else is none of it', () => {
  const host = { nodeVersion: 'v24.21.0', glibcVersion: '2.41' }
  expect(whyNoWebSockets(`${PREFIX}invalid ELF\nheader`, host)?.reason).toMatch(/v24\.21\.0: .*invalid ELF header$/)
  expect(whyNoWebSockets(new Error('no such schema'), host)).toBeUndefined()
})
