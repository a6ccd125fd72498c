import { expect, test } from 'vitest'
import { runProgram } from '../../../../src/cli/program.ts'
import { createFakeHost } from '../../../support/bridge/fake-host.ts'

test.each([
  ['gone.txt', 'The file "gone.txt" cannot be read (ENOENT'],
  ['-', 'Standard input cannot be read (EISDIR'],
])('bans import %s that cannot be read is one sentence', async (file, sentence) => {
  const host = createFakeHost({ ASSET_HTTPPUBLICADDRESS: 'https://node.example.org' })
  const readInput = () => {
    throw new Error('EISDIR: illegal operation on a directory, read')
  }
  expect(await runProgram(['bans', 'import', file], { ...host, readInput })).toBe(1)
  expect(host.err()).toContain(sentence)
  expect(host.err()).not.toContain('    at ')
})
