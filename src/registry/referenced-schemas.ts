import { RetryLaterError } from '../messages/errors.ts'
import type { RegistryCall } from './registry-call.ts'
import { isObject, textOf } from './text-of.ts'

/** Upper bound on the schemas that one schema refers to, directly and by way of others. */
const MAX_REFERENCED = 50

/** The texts of the schemas that an answer of the registry refers to (`references`), each behind the ones that it refers to itself. */
export async function fetchReferenced(answer: unknown, call: RegistryCall): Promise<string[]> {
  const texts = new Map<string, string>()
  const asked = new Set<string>()
  const add = async (referring: unknown): Promise<void> => {
    for (const path of pathsOf(referring)) {
      if (asked.has(path) || asked.size >= MAX_REFERENCED) continue
      asked.add(path)
      const { status, json } = await call('GET', path)
      const text = status === 200 ? textOf(json, 'schema') : undefined
      if (text === undefined)
        throw new RetryLaterError(`the schema registry does not give ${path}, to which a schema refers (status ${status})`)
      await add(json)
      texts.set(path, text)
    }
  }
  await add(answer)
  return [...texts.values()]
}

function pathsOf(json: unknown): string[] {
  const references: unknown = isObject(json) ? json.references : undefined
  if (!Array.isArray(references)) return []
  return references.flatMap((reference: unknown) => {
    const subject = textOf(reference, 'subject')
    const version = isObject(reference) ? reference.version : undefined
    return subject === undefined || !Number.isSafeInteger(version) ? [] : [`/subjects/${encodeURIComponent(subject)}/versions/${version}`]
  })
}
