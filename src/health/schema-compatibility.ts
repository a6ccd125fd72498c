import { parseAvroType } from '../messages/codec/avro-type.ts'

/**
 * Whether a reader with this schema reads what was written with each of these, by Avro's resolution rules (BACKWARD). Returns what stands
 * against it; empty when nothing does.
 */
export function incompatibilities(readerText: string, writerTexts: readonly string[]): string[] {
  const reader = parseAvroType(readerText)
  return writerTexts.flatMap((text) => {
    try {
      reader.createResolver(parseAvroType(text))
      return []
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)]
    }
  })
}
