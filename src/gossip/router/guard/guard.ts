import type { Router } from '../router.ts'
import { boundCaches } from './bound-caches.ts'
import { type CheckFirstDeps, checkFirst } from './check-first.ts'
import { SignedMessages } from './hear-signed.ts'
import { NeighbourBudgets } from './neighbour-budget.ts'
import { type ReadFairlyDeps, readFairly } from './read-fairly.ts'
import { WorkTurns } from './work-turns.ts'

export interface RouterGuardDeps extends CheckFirstDeps, Pick<ReadFairlyDeps, 'signal'> {
  /** Messages a second in total that may be verified; 0 is no limit. Asked each time: a reload may change it. */
  readonly rate: { readonly messagesPerSecond: number }
  readonly now: () => number
}

/** Bounds what a neighbour may cost before it has shown anything of worth. */
export function guardRouter(router: Router, deps: RouterGuardDeps): void {
  const { rate, now, signal, onRefused } = deps
  const turns = new WorkTurns({ now, nextTurn: setImmediate })
  readFairly(router, { budgets: new NeighbourBudgets(rate, { now }), turns, onRefused, signal })
  checkFirst(router, new SignedMessages(router), deps)
  boundCaches(router)
}
