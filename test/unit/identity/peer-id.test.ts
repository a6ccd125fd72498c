import { expect, test } from 'vitest'
import { isPeerId } from '../../../src/identity/peer-id.ts'

test.each([
  ['12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYqK', true],
  ['QmaCpDMGvV2BGHeYERUEnRQAwe3N8SzbUtfsmvqLQjN4uJ', true],
  ['12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKYq', false],
  ['12D3KooWESmhNAN8s6NPdGNvJH3zJ4wMKDxapXKNUe2DzkAwKY0K', false],
  ['bafzaajaiaejcb', false],
  ['', false],
])('%j is a peer id: %s', (text, expected) => {
  expect(isPeerId(text)).toBe(expected)
})
