import { expect, test } from 'vitest'
import { advertisedAddress } from '../../../../src/config/kinds/address-kinds.ts'

test.each([
  ['2001:db8::1', { host: '2001:db8::1', port: null }],
  ['/dns4/a.example/tcp/7', '/dns4/a.example/tcp/7'],
  ['fe80::1%eth0', undefined], // the name of an interface means nothing to others
  ['[fe80::1%eth0]:7', undefined],
])('the address to announce %s', (text, expected) => {
  expect(advertisedAddress().safeParse(text).data).toEqual(expected)
})
