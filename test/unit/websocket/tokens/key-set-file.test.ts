import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { KeySetFile } from '../../../../src/websocket/tokens/key-set-file.ts'
import { onEnd } from '../../../support/on-end.ts'
import { createTokenIssuer } from '../../../support/token-issuer.ts'

const [one, two] = await Promise.all([createTokenIssuer('one'), createTokenIssuer('two')])

function start(text: string) {
  const directory = mkdtempSync(join(tmpdir(), 'keys-'))
  onEnd(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'jwks.json')
  const write = (to: string) => writeFileSync(path, to)
  write(text)
  const said: string[] = []
  const log = pino({}, { write: (line: string) => void said.push(line) })
  return { file: new KeySetFile({ file: path }, { log }), write, said, path }
}

async function finds(file: KeySetFile, kid: string): Promise<boolean> {
  try {
    await file.current()({ alg: 'ES256', kid }, { payload: '', signature: '' })
    return true
  } catch {
    return false
  }
}

test('a changed file is used from the next look on', async () => {
  const { file, write, said } = start(JSON.stringify(one.keySet))
  await file.open()
  expect([await finds(file, 'one'), await finds(file, 'two')]).toEqual([true, false])
  await file.look()
  expect(said).toEqual([])
  write(JSON.stringify(two.keySet))
  await file.look()
  expect([await finds(file, 'one'), await finds(file, 'two')]).toEqual([false, true])
  expect(said).toHaveLength(1)
})

test('a file that cannot be used leaves the keys as they were, and readiness says so until it can', async () => {
  const { file, write, said, path } = start(JSON.stringify(one.keySet))
  await file.open()
  write('{"keys":[')
  await file.look()
  await file.look()
  expect(await finds(file, 'one')).toBe(true)
  expect(file.note()).toBe('ws_auth_jwks_file is not JSON: the keys stay as they were')
  expect(said).toHaveLength(1)
  rmSync(path)
  await file.look()
  expect(file.note()).toContain('ENOENT')
  write(JSON.stringify(one.keySet))
  await file.look()
  expect(file.note()).toBeNull()
})

test.each([
  ['', /is not JSON/],
  ['[]', /needs "keys"/],
  ['{"keys":[]}', /needs "keys"/],
  ['{"keys":[null]}', /without "kty"/],
  ['{"keys":[{"kty":"oct","k":"AAAA"}]}', /private or symmetric/],
  [JSON.stringify({ keys: one.keySet.keys.map((key) => ({ ...key, d: 'AAAA' })) }), /private or symmetric/],
  [`{"keys":[{"kty":"EC","x":"${'A'.repeat(300_000)}"}]}`, /more than 262144 bytes/],
])('a start with %.40s is refused', async (text, fault) => {
  await expect(start(text).file.open()).rejects.toThrow(fault)
})

test('a start without the file names the setting', async () => {
  const log = pino({ level: 'silent' })
  await expect(new KeySetFile({ file: '/none/jwks.json' }, { log }).open()).rejects.toThrow(
    /^ws_auth_jwks_file \/none\/jwks.json cannot be read \(ENOENT\)/,
  )
})
