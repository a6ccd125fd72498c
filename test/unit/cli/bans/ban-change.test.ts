import { expect, test } from 'vitest'
import type { BanChange } from '../../../../src/bans/ban.ts'
import { commandCause } from '../../../../src/bans/command-cause.ts'
import { type BanChangeDeps, changeBans } from '../../../../src/cli/bans/ban-change.ts'
import type { KafkaRecord } from '../../../../src/kafka/record.ts'

const OPTIONS = { timeoutMs: 60_000, group: 'a.log' }

/** Two topics in arrays. A bridge reports the effect of the command at `toldOffset`. */
function topics({ toldOffset = 1n, ackedOffset = 1n } = {}): BanChangeDeps {
  const commands: KafkaRecord[] = [recordAt(0n, { 'command-id': 'of somebody else' })]
  const view = (records: () => readonly KafkaRecord[]) => ({
    end: async () => BigInt(records().length),
    read: async (from: bigint) => ({ records: records().slice(Number(from)), next: BigInt(records().length) }),
  })
  const told = () => commands.filter(({ offset }) => offset === toldOffset).map((record, index) => ({ ...record, offset: BigInt(index) }))
  return {
    commands: view(() => commands),
    eventLog: view(told),
    send: async (headers) => {
      commands.push(recordAt(1n, headers))
      return { topic: 'ban-commands', partition: 0, offset: ackedOffset }
    },
    toChange: async (record) => changeOf(commandCause({ ...record, offset: toldOffset })),
    sendTrouble: () => 'Kafka does not answer',
  }
}

function recordAt(offset: bigint, headers: Readonly<Record<string, string>>): KafkaRecord {
  // The broker's own time, which the sender does not know.
  return { topic: 'ban-commands', partition: 0, offset, key: null, value: Buffer.from('x'), headers, timestamp: 1_700_000_000_123 }
}

function changeOf(cause: string): BanChange {
  return { action: 'add', key: '192.0.2.1', until: null, reason: '', changed: true, cause }
}

test('recognises the effect by the command’s record as Kafka stored it, even if the acknowledgement has no offset', async () => {
  expect(await changeBans(OPTIONS, topics())).toMatchObject({ key: '192.0.2.1' })
  expect(await changeBans(OPTIONS, topics({ ackedOffset: -1n }))).toMatchObject({ key: '192.0.2.1' })
})

test('the effect of another command is ignored', async () => {
  await expect(changeBans({ ...OPTIONS, timeoutMs: 300 }, topics({ toldOffset: 0n }))).rejects.toThrow(
    /No bridge has told of the effect of the command ban-commands:0:1/,
  )
})

test('a written command that cannot be read back is not reported as unwritten', async () => {
  const deps = topics()
  const denied = { end: deps.commands.end, read: () => Promise.reject(new Error('Kafka denies access')) }
  await expect(changeBans(OPTIONS, { ...deps, commands: denied })).rejects.toThrow(/was written as ban-commands:0:1.*Kafka denies access/)
})
