import kafkajs from 'kafkajs'
import { BATCH_CODECS, type BatchCodec, MAX_BATCH_BYTES } from '../wire/compression/decompress.ts'
import { checkRecords, headerBefore } from '../wire/record-bytes.ts'
import { standInRecords } from '../wire/undecodable-batch.ts'

interface CodecOfKafkajs {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>
  decompress(section: Buffer): Promise<Buffer>
}

/**
 * Teaches kafkajs to read every compression that Kafka knows; alone it reads gzip only and dies on the rest, Snappy among
 * them, the default of Go's client. The table belongs to kafkajs and to the whole process; this may run many times.
 */
export function registerCodecs(): void {
  const table = kafkajs.CompressionCodecs as unknown as Record<number, () => CodecOfKafkajs>
  for (const [number, codec] of Object.entries(BATCH_CODECS)) {
    const readOnly = { compress: refuseToCompress, decompress: (section: Buffer) => readSection(section, codec) }
    table[Number(number)] = () => readOnly
  }
}

/** The records of one compressed section; stand-ins for them when it cannot be read. Exported for its test. */
export async function readSection(section: Buffer, codec: BatchCodec): Promise<Buffer> {
  try {
    const records = await codec.decompress(section, MAX_BATCH_BYTES)
    const header = headerBefore(section)
    if (header) checkRecords(records, header.recordCount)
    return records
  } catch (error) {
    return standInRecords(section, codec.name, error)
  }
}

async function refuseToCompress(): Promise<Buffer> {
  throw new Error('the bridge writes its records uncompressed')
}
