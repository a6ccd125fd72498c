import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { expect, test } from 'vitest'
import { ipAddressOfBytes, ipAddressText, parseIpAddress, rangeOf, unmapped } from '../../../src/addresses/ip-address.ts'
import { fc } from '../../support/properties.ts'

function canonical(text: string): string | undefined {
  const address = parseIpAddress(text)
  return address && ipAddressText(address)
}

test('agrees with the library on IPv4', () => {
  const text = fc.oneof(fc.ipV4(), fc.stringMatching(/^[0-9.]{5,16}$/), fc.stringMatching(/^(0?[0-9]{1,3}\.){3}[0-9]{1,3}$/))
  fc.assert(
    fc.property(text, (address) => {
      const isAddress = ipaddr.IPv4.isValidFourPartDecimal(address)
      expect(canonical(address)).toBe(isAddress ? ipaddr.IPv4.parse(address).toString() : undefined)
    }),
  )
})

test('agrees with Node on which texts are IPv6 addresses', () => {
  const text = fc.oneof(
    fc.ipV6(),
    fc.stringMatching(/^([0-9a-fA-F]{0,5}:){1,9}[0-9a-f]{0,4}$/),
    fc.stringMatching(/^:{0,2}([0-9a-f]{1,4}:{1,2}){0,7}[0-9.:a-g]{0,9}$/),
    fc.stringMatching(/^::(ffff:)?[0-9.]{7,15}$/),
  )
  fc.assert(
    fc.property(text, (address) => {
      expect(parseIpAddress(address) !== undefined).toBe(isIP(address) !== 0)
    }),
    { numRuns: 2000 },
  )
})

test('agrees with the library on the words of an IPv6 address', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      fc.pre(!/^::\d+\./.test(address)) // the library takes ::1.2.3.4 for an IPv4-mapped address, which it is not
      expect(canonical(address)).toBe(ipaddr.IPv6.parse(address).toRFC5952String())
    }),
  )
})

test('the canonical text of any IPv6 address parses to the same address', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const parsed = parseIpAddress(address)
      expect(parsed).toBeDefined()
      expect(parsed && parseIpAddress(ipAddressText(parsed))).toEqual(parsed)
    }),
  )
})

test('text and the bytes of a socket give the same address, range and IPv4 address', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.ipV4(),
        fc.ipV6(),
        fc.ipV4().map((ipv4) => `::ffff:${ipv4}`),
      ),
      (text) => {
        fc.pre(!/^::\d+\./.test(text))
        const library = ipaddr.parse(text)
        const address = ipAddressOfBytes(Uint8Array.from(library.toByteArray()))
        expect(address).toEqual(parseIpAddress(text))
        expect(rangeOf(address)).toBe(library.range())
        expect(ipAddressText(unmapped(address))).toBe(ipAddressText(parseIpAddress(ipaddr.process(text).toString()) ?? address))
      },
    ),
  )
})
