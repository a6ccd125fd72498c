import { expect, test } from 'vitest'
import { readOptions } from '../../../../../deploy/local/demo/options.ts'

const read = (...args: string[]) => readOptions(args, { randomSeed: () => 'random' })

test('runs until Ctrl-C with one bridge for each node unless told otherwise', () => {
  const defaults = {
    forSeconds: undefined,
    instances: 1,
    killEverySeconds: undefined,
    seed: 'random',
    isOpening: true,
    isJson: false,
    isVerbose: false,
  }
  expect(read()).toEqual(defaults)
})

test('takes every option', () => {
  expect(read('--for', '1.5', '--instances', '3', '--kill-every', '5', '--seed', 'x', '--no-open', '--json', '--verbose')).toEqual({
    forSeconds: 1.5,
    instances: 3,
    killEverySeconds: 5,
    seed: 'x',
    isOpening: false,
    isJson: true,
    isVerbose: true,
  })
  expect(read('--help', '--for', 'ever')).toBe('help')
})

test.each([
  [['--for', '0'], '--for takes a number from 1 to 86400, not 0'],
  [['--for', 'ever'], '--for takes a number from 1 to 86400, not ever'],
  [['--for='], '--for takes a number from 1 to 86400, not nothing'],
  [['--instances', '1.5'], '--instances takes a whole number from 1 to 5, not 1.5'],
  [['--instances', '6'], '--instances takes a whole number from 1 to 5, not 6'],
  [['--instances', '2', '--kill-every', '0'], '--kill-every takes a number from 1 to 86400, not 0'],
  [['--kill-every', '5'], '--kill-every needs --instances 2 or more'],
  [['--what'], "Unknown option '--what'"],
  [['30'], "Unexpected argument '30'"],
])('refuses %j in one sentence', (args, sentence) => {
  expect(() => read(...args)).toThrow(sentence)
})
