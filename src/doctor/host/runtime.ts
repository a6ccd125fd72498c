import { type Finding, fail, messageOf, ok, warn } from '../finding.ts'

/** A library with a part that is compiled for the system. */
export interface NativePart {
  readonly name: string
  /** Without it the bridge cannot do this; undefined if the bridge works without it, only slower. */
  readonly neededFor: string | undefined
  /** Loads it. Rejects if it does not load here. */
  load(): Promise<unknown>
}

/** A native part does not load, and it is known why. */
export class NativePartError extends Error {
  readonly remedy: string

  constructor({ reason, remedy }: { reason: string; remedy: string }) {
    super(reason)
    this.remedy = remedy
  }
}

export interface RuntimeFacts {
  /** Such as `v22.21.1`. */
  readonly nodeVersion: string
  /** Such as `2.36`; undefined on a system without glibc (musl, macOS). */
  readonly glibcVersion: string | undefined
  readonly parts: readonly NativePart[]
}

/** The releases of Node.js that the tests run on. */
const TESTED = [20, 22, 24, 26]
const LEAST: readonly [number, number] = [20, 19]
const NEEDED_GLIBC = /GLIBC_(\d+\.\d+)/

/** Node.js, the C library, and whether the native parts load on both. */
export async function examineRuntime({ nodeVersion, glibcVersion, parts }: RuntimeFacts): Promise<Finding[]> {
  const system = glibcVersion === undefined ? 'no glibc' : `glibc ${glibcVersion}`
  const loads = await Promise.all(parts.map((part) => loadFinding(part, system)))
  const broken = loads.filter((finding) => finding !== undefined)
  const whole = ok(`native parts load (${system}): ${parts.map(({ name }) => name).join(', ')}`)
  return [nodeFinding(nodeVersion), ...(broken.length > 0 ? broken : [whole])]
}

function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  const [leastMajor, leastMinor] = LEAST
  if (major < leastMajor || (major === leastMajor && minor < leastMinor))
    return fail(`Node.js ${version} is too old`, `use Node.js ${leastMajor}.${leastMinor} or newer`)
  return TESTED.includes(major)
    ? ok(`Node.js ${version}`)
    : warn(`Node.js ${version} is a release that nobody has tested the bridge with`, `use Node.js ${TESTED.join(', ')}`)
}

async function loadFinding({ name, neededFor, load }: NativePart, system: string): Promise<Finding | undefined> {
  try {
    await load()
    return undefined
  } catch (error) {
    const needed = NEEDED_GLIBC.exec(causeText(error))?.[1]
    const why = needed === undefined ? messageOf(error) : `it needs glibc ${needed}`
    const reason = `${name} does not load here (${system}): ${why}`
    if (neededFor === undefined) return warn(reason, 'the bridge works without it, but slower: use Debian 13, Ubuntu 24.04 or newer')
    const remedy = error instanceof NativePartError ? error.remedy : 'use Debian 13, Ubuntu 24.04 or newer, or Node.js 20'
    return fail(reason, `it is needed for ${neededFor}: ${remedy}`)
  }
}

function causeText(error: unknown): string {
  return error instanceof Error ? `${error.message} ${error.cause === undefined ? '' : causeText(error.cause)}` : String(error)
}
