import { type Logger, pino } from 'pino'
import { expect, test } from 'vitest'
import { type AddressListsDeps, followAddressLists } from '../../../../src/gossip/discovery/address-lists.ts'
import { eventually } from '../../../support/eventually.ts'

const LIST = '/dnsaddr/list.example'

/** Follows one list, a round every millisecond, until it was resolved `rounds` times. */
async function follow(rounds: number, resolve: AddressListsDeps['resolve']) {
  const lines: Record<string, unknown>[] = []
  const log: Logger = pino({ level: 'warn' }, { write: (line) => lines.push(JSON.parse(line)) })
  const stopping = new AbortController()
  let resolved = 0
  const lists = {
    addresses: [LIST],
    resolve: async () => [],
    resolved: (_: string, found: readonly string[]) => {
      resolved += 1
      return { peers: found.length, isNew: false }
    },
  }
  const following = followAddressLists(
    { timeoutMs: 60_000, refreshMs: 1 },
    { lists, resolve, onNew: () => {}, onChange: () => () => {}, log },
    stopping.signal,
  )
  await eventually(() => resolved >= rounds)
  stopping.abort()
  await following
  return lines
}

test('a list that is longer than what is read of it is said once', async () => {
  const lines = await follow(3, async (_address, _signal, onCut) => {
    onCut()
    return ['a peer']
  })
  expect(lines).toMatchObject([{ address: LIST, msg: expect.stringContaining('longer than what is read of it: 100 addresses') }])
})

test('a list that is read whole is not worth a line', async () => {
  expect(await follow(3, async () => ['a peer'])).toEqual([])
})

test('a list that a reload adds is resolved, and one that it removes is not resolved again', async () => {
  const stopping = new AbortController()
  const asked: string[] = []
  const settings = { addresses: [LIST], onChange: () => {} }
  const lists = {
    get addresses() {
      return settings.addresses
    },
    resolve: async () => [],
    resolved: (address: string) => {
      asked.push(address)
      return { peers: 1, isNew: false }
    },
  }
  const following = followAddressLists(
    { timeoutMs: 60_000, refreshMs: 1 },
    {
      lists,
      resolve: async () => [],
      onNew: () => {},
      onChange(listener) {
        settings.onChange = listener
        return () => {}
      },
      log: pino({ level: 'silent' }),
    },
    stopping.signal,
  )
  await eventually(() => asked.includes(LIST))
  settings.addresses = ['/dnsaddr/other.example']
  settings.onChange()
  await eventually(() => asked.includes('/dnsaddr/other.example'))
  asked.length = 0
  await eventually(() => asked.length >= 3)
  expect(asked).not.toContain(LIST)
  stopping.abort()
  await following
})
