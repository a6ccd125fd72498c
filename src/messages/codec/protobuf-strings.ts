import { BadInputError } from '../errors.ts'
import type { ValueRole } from '../topics.ts'
import { LENGTH_DELIMITED, ProtobufReader } from './protobuf-reader.ts'

/** Names of the fields of a message, by number. All are strings. */
type Fields = Readonly<Record<number, string>>

/** A message of strings, and the value of a topic that it stands for. */
export interface TeranodeMessage {
  /** As Teranode's definitions call it, in the package `kafkamessage`. */
  readonly name: string
  readonly fields: Fields
  /** The properties of the value for which the message has no field. */
  readonly absent: Readonly<Record<string, unknown>>
}

const ANNOUNCED: Fields = { 1: 'hash', 2: 'url', 3: 'peerId' }

/**
 * The topics that Teranode's services read and write in bare Protobuf (package `kafkamessage`, proto3, without a frame). Older releases
 * know fewer fields: 1 and 2 of announcements and of KafkaInvalidBlockTopicMessage, 1 to 3 of KafkaInvalidSubtreeTopicMessage. Readers
 * of proto3 ignore fields that they do not know, so one form serves all releases.
 */
export const TERANODE_MESSAGES: Readonly<Partial<Record<ValueRole, TeranodeMessage>>> = {
  blocks: { name: 'KafkaBlockTopicMessage', fields: ANNOUNCED, absent: { height: null, header: null, eventId: '' } },
  subtrees: { name: 'KafkaSubtreeTopicMessage', fields: ANNOUNCED, absent: { eventId: '' } },
  rejectedTx: { name: 'KafkaRejectedTxTopicMessage', fields: { 1: 'txHash', 2: 'reason', 3: 'peerId' }, absent: {} },
  invalidBlocks: {
    name: 'KafkaInvalidBlockTopicMessage',
    fields: { 1: 'blockHash', 2: 'reason', 3: 'peerId', 4: 'peerUrl' },
    absent: {},
  },
  invalidSubtrees: {
    name: 'KafkaInvalidSubtreeTopicMessage',
    fields: { 1: 'subtreeHash', 2: 'peerUrl', 3: 'reason', 4: 'peerId' },
    absent: {},
  },
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Whether the bytes begin with the tag of one of the fields. */
export function looksLikeProtobuf(bytes: Buffer, fields: Fields): boolean {
  const [tag = 0] = bytes
  return (tag & 7) === LENGTH_DELIMITED && tag >> 3 in fields
}

/** A message of strings. A missing field is empty, an unknown one is skipped, of a repeated one the last counts. Throws BadInputError. */
export function readProtobufStrings(
  bytes: Buffer,
  { fields, absent }: Pick<TeranodeMessage, 'fields' | 'absent'>,
): Record<string, unknown> {
  const value: Record<string, unknown> = { ...Object.fromEntries(Object.values(fields).map((name) => [name, ''])), ...absent }
  const reader = new ProtobufReader(bytes)
  while (!reader.isAtEnd()) {
    const tag = reader.varint()
    const name = fields[Math.floor(tag / 8)]
    if (name === undefined || tag % 8 !== LENGTH_DELIMITED) reader.skip(tag % 8)
    else value[name] = text(reader.take(reader.varint()), name)
  }
  return value
}

function text(bytes: Buffer, name: string): string {
  try {
    return utf8.decode(bytes)
  } catch (error) {
    throw new BadInputError('malformed-protobuf', `the field ${name} is no UTF-8 text`, { cause: error })
  }
}
