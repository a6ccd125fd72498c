import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { runProgram } from '../../../../src/cli/program.ts'
import { createFakeHost } from '../../../support/bridge/fake-host.ts'
import { KEY, PEER, startApi } from '../../admin/start-api.ts'

async function run(port: number, words: string[], key = KEY) {
  const host = createFakeHost({
    ADMIN_LISTEN_ADDRESS: `127.0.0.1:${port}`,
    ADMIN_API_KEY: key,
    ASSET_HTTPPUBLICADDRESS: 'https://node.example.org',
  })
  const code = await runProgram(['peers', ...words], host)
  return { code, out: host.out(), err: host.err() }
}

test('peers are listed, shown and disconnected over the admin API', async () => {
  const { port } = await startApi()
  expect(await run(port, ['list'])).toMatchObject({ code: 0, out: expect.stringMatching(`^${PEER}  outbound  203.0.113.7 .*settings\n$`) })
  expect(JSON.parse((await run(port, ['show', PEER])).out)).toMatchObject({ peerId: PEER, isOfSettings: true })
  expect(await run(port, ['disconnect', PEER])).toMatchObject({ code: 0, out: expect.stringContaining('is disconnected') })
  expect(await run(port, ['list'])).toEqual({ code: 0, out: '', err: 'No peer is connected.\n' })
})

test('scores are printed, of all or of one, and it is said where none are kept', async () => {
  const { port } = await startApi({ scores: { list: async () => [{ peerId: PEER, points: 70, at: 1_700_000_000_000 }] } })
  const line = `${PEER}    70  at 2023-11-14T22:13:20.000Z\n`
  expect(await run(port, ['score'])).toEqual({ code: 0, out: line, err: '' })
  expect(await run(port, ['score', PEER])).toEqual({ code: 0, out: line, err: '' })
  expect(JSON.parse((await run(port, ['score', '--json'])).out)).toMatchObject({ peerId: PEER, points: 70 })
  expect(await run(port, ['score', 'somebody'])).toMatchObject({ code: 0, out: '', err: expect.stringContaining('somebody has no score') })
  const { port: bare } = await startApi()
  expect(await run(bare, ['score'])).toEqual({ code: 0, out: '', err: 'No scores are kept: banlist_db is not set.\n' })
})

test('what the bridge refuses is one sentence', async () => {
  const { port } = await startApi()
  expect(await run(port, ['connect', 'nonsense'])).toMatchObject({
    code: 1,
    err: expect.stringContaining('The bridge answers 400: address is not'),
  })
  expect(await run(port, ['disconnect', PEER], 'another-key-of-16-chars')).toMatchObject({ code: 1, err: expect.stringContaining('401') })
})

test('no bridge, and no address', async () => {
  expect(await run(1, ['list'])).toMatchObject({ code: 1, err: expect.stringContaining('No bridge answers at http://127.0.0.1:1') })
  const host = createFakeHost({})
  expect(await runProgram(['peers', 'list'], host)).toBe(1)
  expect(host.err()).toContain('admin_listen_address is not set')
})

test.each(['hello', '"hello"', ''])('something else answers %j', async (text) => {
  const other = createServer((_request, response) => void response.end(text))
  await new Promise<void>((listening) => void other.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  for (const words of [['list'], ['score'], ['connect', 'x']]) {
    expect(await run(port, words)).toEqual({
      code: 1,
      out: '',
      err: `What answers at http://127.0.0.1:${port}/v1/${words[0] === 'score' ? 'scores?limit=1000' : 'peers'} is no bridge: check admin_listen_address.\n`,
    })
  }
})
