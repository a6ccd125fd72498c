import type { DialFailure } from '../peers/ports.ts'

/** Why a dial failed, for people. */
export const DIAL_FAILURES: Readonly<Record<DialFailure, string>> = {
  'wrong-peer': 'another peer answers there',
  'other-network': 'no handshake comes about: it may have another shared key',
  'no-address': 'the address cannot be dialled from here',
  banned: 'the peer or its address is banned, or is not to be dialled',
  unreachable: 'it refuses the connection, or does not answer in time',
}
