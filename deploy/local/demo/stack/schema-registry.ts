import { setTimeout as pause } from 'node:timers/promises'
import avro from 'avsc'

export interface RegistryReaderOptions {
  /** Base URLs of registries with the same schemas; they are asked in turn. */
  readonly registries: readonly string[]
}

export interface RegistryReaderDeps {
  readonly signal: AbortSignal
}

/** Decodes the value of a record. */
export type ValueReader = (value: Buffer) => Promise<unknown>

const ATTEMPTS = 60
const RETRY_MS = 500
const HEADER_BYTES = 5

/**
 * Reads values as any Avro-aware Kafka tool does: the schema id is in front of the value, and the schema comes from the
 * built-in registry of a bridge. So the demo does not have to know the bridge's schemas.
 */
export function createRegistryReader({ registries }: RegistryReaderOptions, { signal }: RegistryReaderDeps): ValueReader {
  const types = new Map<number, Promise<avro.Type>>()

  async function fetchType(id: number): Promise<avro.Type> {
    let trouble: unknown
    for (let attempt = 0; attempt < ATTEMPTS && !signal.aborted; attempt++) {
      const url = `${registries[attempt % registries.length]}/schemas/ids/${id}`
      try {
        const answer = await fetch(url, { signal: AbortSignal.timeout(2000) })
        if (!answer.ok) throw new Error(`${url} answers ${answer.status}`)
        const { schema } = (await answer.json()) as { schema: string }
        return avro.Type.forSchema(JSON.parse(schema))
      } catch (error) {
        trouble = error
        await pause(RETRY_MS, undefined, { signal }).catch(() => {})
      }
    }
    throw new Error(`no schema registry of the demo's bridges gave schema ${id}`, { cause: trouble })
  }

  return async (value) => {
    if (value[0] !== 0) return JSON.parse(value.toString('utf8'))
    const id = value.readInt32BE(1)
    const type = types.get(id) ?? fetchType(id)
    types.set(id, type)
    return (await type).fromBuffer(value.subarray(HEADER_BYTES))
  }
}
