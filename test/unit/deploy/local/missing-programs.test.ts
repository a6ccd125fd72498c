import { expect, test } from 'vitest'
import { isDebianLike, missingSentence } from '../../../../deploy/local/programs/apt.ts'
import { majorVersion } from '../../../../deploy/local/programs/java.ts'

const java = { what: 'Java 17 or newer', why: 'the local Kafka', packages: ['openjdk-17-jre-headless'] }

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['openjdk version "21" 2023-09-19', 21],
  ['java version "1.8.0_392"', 8],
  ['/bin/sh: java: not found', 0],
])('%s is major version %i', (text, major) => {
  expect(majorVersion(text)).toBe(major)
})

test.each([
  ['PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', true],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
  ['ID="fedora"\nNAME="not debian"\n', false],
  ['', false],
])('tells Debian and its kind from the rest: %j', (release, expected) => {
  expect(isDebianLike(release)).toBe(expected)
})

test('without the right to install, one sentence says what to type', () => {
  expect(missingSentence(java, ['openjdk-17-jre-headless', 'maven'])).toBe(
    'Java 17 or newer is missing and needed for the local Kafka: type `sudo apt-get install -y openjdk-17-jre-headless maven`, then run this again.',
  )
  expect(missingSentence(java, undefined)).toContain('install it with your package manager')
})
