import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  readonly version: string
  readonly license?: string
  readonly dev?: boolean
}

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, Locked> }
const locked = Object.entries(packages).filter(([path]) => path !== '')

/** All permit use in a service and in an image of it; none asks for more than their own text. */
const PERMISSIVE = new Set(['MIT', 'Apache-2.0', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', '0BSD', 'BlueOak-1.0.0', 'CC0-1.0', 'Unlicense'])

function isPermissive(licence: string): boolean {
  return licence
    .replace(/[()]/g, '')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((part) => PERMISSIVE.has(part)))
}

test('every package that the bridge runs with has a permissive licence', () => {
  const shipped = locked.filter(([, { dev }]) => dev !== true)
  expect(shipped.length).toBeGreaterThan(50)
  expect(shipped.filter(([, { license }]) => license === undefined || !isPermissive(license)).map(([path]) => path)).toEqual([])
})

test('every package that it is built and tested with has a licence', () => {
  expect(
    locked.filter(([, { license }]) => license === undefined || /^(UNLICENSED|SEE LICENSE)/.test(license)).map(([path]) => path),
  ).toEqual([])
})
