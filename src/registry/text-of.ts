/** A text in an answer, or undefined when the answer has another form. */
export function textOf(json: unknown, name: string): string | undefined {
  const value = isObject(json) ? json[name] : undefined
  return typeof value === 'string' ? value : undefined
}

export function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null
}
