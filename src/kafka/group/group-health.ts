import type { PartHealth } from '../../lifecycle/health.ts'

/** Summarizes the membership and the partitions of a group in one sentence for readiness. */
export class GroupHealth {
  readonly #health: PartHealth
  readonly #problems = new Map<string, string>()
  #membership: string | undefined = 'starting'
  #remark: string | undefined
  #said: string | undefined

  constructor(health: PartHealth) {
    this.#health = health
  }

  /** Why this process is not a member, or undefined. */
  membership(problem: string | undefined): void {
    this.#membership = problem
    this.#say()
  }

  /** Why a partition cannot continue, or undefined. */
  partition(key: string, problem: string | undefined): void {
    if (problem) this.#problems.set(key, problem)
    else this.#problems.delete(key)
    this.#say()
  }

  /** A remark although the group is ready, or undefined. */
  remark(text: string | undefined): void {
    this.#remark = text
    this.#say()
  }

  #say(): void {
    const problems = [...(this.#membership ? [this.#membership] : []), ...this.#problems.values()].join('; ')
    const said = problems || `ready: ${this.#remark ?? 'ok'}`
    if (said === this.#said) return
    this.#said = said
    if (problems) this.#health.notReady(problems)
    else this.#health.ready(this.#remark)
  }
}
