import { expect, test } from 'vitest'
import { runProgram } from '../../../src/cli/program.ts'
import { createFakeHost } from '../../support/bridge/fake-host.ts'

test.each([
  [['--node', 'no$pe'], 'at most 40 letters, digits, dots, dashes and underscores'],
  [['--for', 'ever'], 'it takes a number from 0'],
  [['--blocks-per-second', '-1'], 'it takes a number from 0 to 10000'],
  [['--subtrees-per-second', ''], 'it takes a number from 0 to 10000'],
  [['--subtree-size', '12'], 'it takes a power of two from 2 to 1024'],
])('simulate refuses %j in one sentence', async (flags, sentence) => {
  const host = createFakeHost()
  expect(await runProgram(['simulate', ...flags], host)).toBe(1)
  expect(host.err()).toContain(sentence)
  expect(host.err().trim().split('\n')).toHaveLength(1)
})
