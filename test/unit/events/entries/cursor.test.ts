import { describe, expect, it } from 'vitest'
import { formatCursor, parseCursor } from '../../../../src/events/entries/cursor.ts'
import { fc } from '../../../support/properties.ts'

const ID = '0123456789abcdef0123456789abcdef'

describe('a cursor', () => {
  it('is an offset with the beginning of an event id', () => {
    expect(formatCursor(42n, ID)).toBe('v1.42.01234567')
  })

  it('comes back whole', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 63n - 1n), (offset) => {
        expect(parseCursor(formatCursor(offset, ID))).toEqual({ offset, fingerprint: '01234567' })
      }),
    )
  })

  it.each([
    '',
    'v1',
    'v2.1.01234567',
    'v1.-1.01234567',
    'v1.01.01234567',
    'v1.1.0123456',
    'v1.1.012345678',
    'v1.1.0123456G',
    'v1.9223372036854775808.01234567',
    `v1.${'9'.repeat(100)}.01234567`,
    ' v1.1.01234567',
    'v1.1.01234567\n',
  ])('is not %j', (text) => {
    expect(parseCursor(text)).toBeUndefined()
  })
})
