import { z } from 'zod'

/**
 * The kinds of plain values. Each turns text into a value, or else names the right form for the fault's message
 * ("should be ..."). Kinds of addresses and keys are in address-kinds.ts and key-kinds.ts.
 */
export function kind<T>(right: string, parse: (text: string) => T | undefined) {
  return z.string({ error: right }).transform((text, context): T => {
    const value = parse(text.trim())
    if (value !== undefined) return value
    context.addIssue({ code: 'custom', message: right })
    return z.NEVER
  })
}

/** Free text; empty means not set. */
export function text() {
  return kind('text', (value) => value)
}

/** Text that matches a pattern, or empty for not set. */
export function shaped(right: string, pattern: RegExp) {
  return kind(right, (value) => (value === '' || pattern.test(value) ? value : undefined))
}

/** `true` or `false`, and their usual other spellings. */
export function flag() {
  return kind('true or false', (value) => {
    const word = value.toLowerCase()
    if (['true', '1', 'yes', 'on'].includes(word)) return true
    return ['false', '0', 'no', 'off'].includes(word) ? false : undefined
  })
}

/** The same, or `auto`. */
export function flagOrAuto() {
  const asFlag = flag()
  return kind('auto, true or false', (value): boolean | 'auto' | undefined => {
    return value.toLowerCase() === 'auto' ? 'auto' : asFlag.safeParse(value).data
  })
}

/** A whole number within bounds, both included. */
export function integer(minimum: number, maximum: number = Number.MAX_SAFE_INTEGER) {
  const right = maximum === Number.MAX_SAFE_INTEGER ? `a whole number, ${minimum} or more` : `a whole number from ${minimum} to ${maximum}`
  return kind(right, (value) => {
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN
    return number >= minimum && number <= maximum ? number : undefined
  })
}

/** A part of a whole, from 0 to 1. */
export function share() {
  return kind('a number from 0 to 1 such as 0.25', (value) => {
    const number = /^[01]?(\.\d{1,6})?$/.test(value) && value !== '' && value !== '.' ? Number(value) : Number.NaN
    return number >= 0 && number <= 1 ? number : undefined
  })
}

/** An amount of BSV, or empty for not set. */
export function amount() {
  return kind('a number such as 0.00000001', (value): number | null | undefined => {
    if (value === '') return null
    return /^\d{1,8}(\.\d{1,20})?(e-\d{1,2})?$/i.test(value) ? Number(value) : undefined
  })
}

/** One word of a closed set. */
export function choice<const Words extends readonly string[]>(...words: Words) {
  return kind(words.length === 1 ? words.join() : `one of ${words.join(', ')}`, (value): Words[number] | undefined =>
    words.find((word) => word === value),
  )
}

const UNIT_MS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** A time span such as `500ms`, `10m`, `24h` or `1h30m`, in milliseconds. Above 24 days Node's timers overflow: only `unbounded` allows that. */
export function duration(options: { min?: string; unbounded?: boolean } = {}) {
  const minimum = options.min === undefined ? 0 : parseDuration(options.min)
  const least = options.min === undefined ? '' : `, at least ${options.min}`
  const most = options.unbounded ? Number.MAX_SAFE_INTEGER : LONGEST_TIMER_MS
  return kind(`a time span such as 500ms, 10s, 5m, 24h${least}${options.unbounded ? '' : ', at most 24d'}`, (value) => {
    const ms = parseDuration(value)
    return ms >= minimum && ms <= most ? ms : undefined
  })
}

function parseDuration(value: string): number {
  if (value === '0') return 0
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(value)) return Number.NaN
  const parts = value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)
  return Math.round([...parts].reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN), 0))
}

const UNIT_BYTES: Record<string, number> = { '': 1, k: 1000, m: 1000 ** 2, g: 1000 ** 3, ki: 1024, mi: 1024 ** 2, gi: 1024 ** 3 }

/** A number of bytes such as `65536`, `512KiB` or `64MiB`. */
export function size(minimum: number) {
  return kind(`a number of bytes such as 65536, 512KiB, 64MiB, at least ${minimum}`, (value) => {
    const [, amount, unit] = /^(\d+)\s*([kmg]i?)?b?$/i.exec(value) ?? []
    const bytes = Number(amount) * (UNIT_BYTES[(unit ?? '').toLowerCase()] ?? Number.NaN)
    return bytes >= minimum && bytes <= Number.MAX_SAFE_INTEGER ? bytes : undefined
  })
}

/** The same, or `auto`. */
export function sizeOrAuto(minimum: number) {
  const asSize = size(minimum)
  return kind(`auto, or a number of bytes such as 65536, 512KiB, 64MiB, at least ${minimum}`, (value): number | 'auto' | undefined =>
    value.toLowerCase() === 'auto' ? 'auto' : asSize.safeParse(value).data,
  )
}

/** Several values, separated by `|` or `,`, or a list in the file. Blanks and empty entries are ignored. */
export function list<T>(item: z.ZodType<T, string>) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((value) =>
      (typeof value === 'string' ? value.split(/[|,]/) : value).map((entry) => entry.trim()).filter((entry) => entry !== ''),
    )
    .pipe(z.array(item))
}
