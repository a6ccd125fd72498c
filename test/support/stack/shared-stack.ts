import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    kafkaBrokers: string[]
    postgresUrl: string
    chromiumPath: string
  }
}

/** The bootstrap addresses of the Kafka broker that the whole run shares. Use random topics and groups on it. */
export function kafkaBrokers(): string[] {
  return inject('kafkaBrokers')
}

/** The connection string of the Postgres server that the whole run shares. Use a database of your own: `createDatabase()`. */
export function postgresUrl(): string {
  return inject('postgresUrl')
}

/** The Chromium program, in the browser tests. As root start it with `--no-sandbox`. */
export function chromiumPath(): string {
  return inject('chromiumPath')
}
