/** A message that breaks the protocol. Its text is sent to the client, so it names the correct form. */
export class ClientMessageError extends Error {
  override readonly name = 'ClientMessageError'
  readonly code = 'BRIDGE_CLIENT_MESSAGE'
}

/** A value of a client as text, cut to a length that fits into a sentence. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing'
  return text.length > 80 ? `${text.slice(0, 80)}...` : text
}
