import type { Logger } from 'pino'
import type { Bans } from '../bans/bans.ts'
import type { BansAdmin, Requester } from './ports.ts'

export interface BansAdminDeps {
  readonly bans: Pick<Bans, 'apply' | 'check' | 'list'>
  readonly log: Logger
}

/** The ban list behind its doors: each change carries who asked for it, in the audit of the list and in the log. */
export function createBansAdmin({ bans, log }: BansAdminDeps): BansAdmin {
  return {
    list: () => bans.list(),
    check: (text) => bans.check(text),
    async change(command, requester) {
      const { change } = await bans.apply(command, {
        door: requester.door,
        who: nameOf(requester),
        evidence: { address: requester.address },
      })
      log.info({ ...requester, ...change }, 'audit: the ban list was changed by hand')
      return change
    },
  }
}

function nameOf({ actor, address }: Requester): string {
  return actor === null ? address : `${actor} (${address})`
}
