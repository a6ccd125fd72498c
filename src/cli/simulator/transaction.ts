import { doubleHash } from './double-hash.ts'
import type { Random } from './random.ts'

export interface TransactionInput {
  /** Id of the transaction that is spent, in internal byte order. */
  readonly previousId: Buffer
  readonly previousIndex: number
  readonly script: Buffer
  readonly sequence: number
}

export interface TransactionOutput {
  readonly satoshis: bigint
  readonly script: Buffer
}

export interface Transaction {
  readonly version: number
  readonly inputs: readonly TransactionInput[]
  readonly outputs: readonly TransactionOutput[]
  readonly lockTime: number
}

/** The bytes whose double hash is the transaction's id. */
export function serialise(transaction: Transaction): Buffer {
  return Buffer.concat([
    uint32(transaction.version),
    variable(transaction.inputs.length),
    ...transaction.inputs.flatMap((input) => [
      input.previousId,
      uint32(input.previousIndex),
      ...counted(input.script),
      uint32(input.sequence),
    ]),
    variable(transaction.outputs.length),
    ...transaction.outputs.flatMap((output) => [uint64(output.satoshis), ...counted(output.script)]),
    uint32(transaction.lockTime),
  ])
}

/** Id in internal byte order, and size in bytes. */
export function identify(transaction: Transaction): { id: Buffer; size: number } {
  const bytes = serialise(transaction)
  return { id: doubleHash(bytes), size: bytes.length }
}

/** The transaction that pays the miner of a block: the height first in its input script (BIP 34), then the miner's name. */
export function coinbase(options: { height: number; miner: string }, random: Random): Transaction {
  const script = Buffer.concat([pushNumber(options.height), push(Buffer.from(options.miner)), push(random.bytes(4))])
  const input = { previousId: Buffer.alloc(32), previousIndex: 0xffffffff, script, sequence: 0xffffffff }
  return { version: 1, inputs: [input], outputs: [{ satoshis: subsidy(options.height), script: payToKeyHash(random) }], lockTime: 0 }
}

/**
 * A transaction that looks like a payment: one or two inputs with a signature and a key, two outputs. Its inputs spend
 * no existing output: the simulator only announces the transactions, so nobody looks there.
 */
export function payment(random: Random): Transaction {
  const inputs = Array.from({ length: 1 + random.whole(2) }, () => ({
    previousId: random.bytes(32),
    previousIndex: random.whole(4),
    script: Buffer.concat([push(random.bytes(71)), push(random.bytes(33))]),
    sequence: 0xffffffff,
  }))
  const outputs = [0, 1].map(() => ({ satoshis: BigInt(1 + random.whole(2 ** 31)), script: payToKeyHash(random) }))
  return { version: 1, inputs, outputs, lockTime: 0 }
}

/** Regtest halves the subsidy each 150 blocks. */
function subsidy(height: number): bigint {
  return 5_000_000_000n >> BigInt(Math.min(63, Math.floor(height / 150)))
}

function payToKeyHash(random: Random): Buffer {
  return Buffer.concat([Buffer.from('76a914', 'hex'), random.bytes(20), Buffer.from('88ac', 'hex')])
}

/** Script numbers are little-endian with a sign bit, so a set top bit needs one more byte. */
function pushNumber(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.push(rest % 256)
  if ((bytes.at(-1) ?? 0) >= 0x80) bytes.push(0)
  return push(Buffer.from(bytes))
}

function push(data: Buffer): Buffer {
  if (data.length > 75) throw new Error(`a direct script push takes 75 bytes, not ${data.length}`)
  return Buffer.concat([Buffer.from([data.length]), data])
}

function counted(bytes: Buffer): [Buffer, Buffer] {
  return [variable(bytes.length), bytes]
}

function variable(value: number): Buffer {
  if (value < 0xfd) return Buffer.from([value])
  if (value > 0xffff) throw new Error(`the simulator writes no list of ${value} entries`)
  return Buffer.from([0xfd, value & 0xff, value >> 8])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(value)
  return bytes
}
