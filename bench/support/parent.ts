import type { Message } from './program.ts'

/** The other end of program.ts: how a program talks with the bench that started it. */
export interface Parent<Options> {
  readonly options: Options
  tell(kind: string, body?: unknown): void
  /** Calls the listener for each message of that kind. */
  on(kind: string, listener: (body: unknown) => void): void
}

/** Waits for the options. From then on the process ends with its parent. */
export async function parent<Options>(): Promise<Parent<Options>> {
  process.on('disconnect', () => process.exit(0))
  const listeners = new Map<string, (body: unknown) => void>()
  const options = await new Promise<Options>((resolve) => {
    process.on('message', ({ kind, body }: Message) => {
      if (kind === 'options') resolve(body as Options)
      else listeners.get(kind)?.(body)
    })
  })
  return {
    options,
    tell: (kind, body) => void process.send?.({ kind, body }),
    on: (kind, listener) => void listeners.set(kind, listener),
  }
}
