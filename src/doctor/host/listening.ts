import { formatListenAddress, type ListenAddress } from '../../addresses/host-port.ts'
import { type Finding, fail, ok } from '../finding.ts'
import { bindFault } from './tcp.ts'

/** An address on which the bridge listens, and the setting that names it. */
export interface Listening {
  readonly setting: string
  readonly address: ListenAddress
}

export interface ListeningDeps {
  /** True if the bridge with these settings runs on this host now, so that its ports are taken by itself. */
  readonly isRunning: () => Promise<boolean>
}

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process has it: stop that one (ss -ltnp shows it), or set another port',
  EACCES: 'this user may not use it: set a port above 1023',
  EADDRNOTAVAIL: 'this machine has no such address: set one that it has',
  ENOTFOUND: 'the host name is unknown: set an IP address',
}

/** Whether the bridge can listen on its addresses. Each is taken for a moment only. */
export async function examineListening(all: readonly Listening[], { isRunning }: ListeningDeps): Promise<Finding[]> {
  const faults = await Promise.all(all.map(async (each) => ({ ...each, fault: await bindFault(each.address) })))
  const isOwn = faults.some(({ fault }) => fault === 'EADDRINUSE') && (await isRunning())
  return faults.map(({ setting, address, fault }) => {
    const name = `${setting} ${formatListenAddress(address)}`
    if (fault === undefined) return ok(`${name} is free`)
    if (fault === 'EADDRINUSE' && isOwn) return ok(`${name} is taken, by the bridge that runs here`)
    return fail(`${name} cannot be used (${fault})`, REMEDIES[fault] ?? 'set another address')
  })
}
