import { formatHostPort } from '../../addresses/host-port.ts'

export interface OwnListener {
  /** Null: every interface. */
  readonly host: string | null
  readonly port: number
  readonly isTls: boolean
}

/** The URL under which a process reaches its own listener: the loopback interface, unless it listens on one address only. */
export function ownUrl({ host, port, isTls }: OwnListener): string {
  return `${isTls ? 'wss' : 'ws'}://${formatHostPort({ host: reachable(host), port })}/ws`
}

function reachable(host: string | null): string {
  if (host === '::') return '::1'
  return host === null || host === '' || host === '0.0.0.0' ? '127.0.0.1' : host
}
