import { expect, test } from 'vitest'
import { runProgram } from '../../../src/cli/program.ts'
import { createFakeHost } from '../../support/bridge/fake-host.ts'
import { settingsOf } from '../../support/bridge/settings.ts'

test('keygen prints a key and its peer id, as lines of a configuration file that is valid', async () => {
  const host = createFakeHost()
  expect(await runProgram(['keygen'], host)).toBe(0)
  const settings = settingsOf({}, host.out())
  expect(settings.p2p_private_key).toMatch(/^[0-9a-f]{128}$/)
  expect(settings.p2p_peer_id).toMatch(/^12D3KooW/) // the settings refuse a peer id that is not the key's
})

test('keygen prints JSON for programs, and another key each time', async () => {
  const host = createFakeHost()
  await runProgram(['keygen', '--json'], host)
  await runProgram(['keygen', '--json'], host)
  const [one, two] = host
    .out()
    .trim()
    .split(/\n(?=\{)/)
    .map((line) => JSON.parse(line) as { privateKey: string; peerId: string })
  expect(settingsOf({ P2P_PRIVATE_KEY: one?.privateKey ?? '', P2P_PEER_ID: one?.peerId ?? '' }).p2p_peer_id).toBe(one?.peerId)
  expect(one?.privateKey).not.toBe(two?.privateKey)
})
