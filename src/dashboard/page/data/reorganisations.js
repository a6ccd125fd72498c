const KEPT = 10

/** When the own node went over to another chain, newest first: `{ at, from, to, left, fork }`. */
export class Reorganisations {
  all = []

  /** `left`: how many of its blocks it has left. `fork`: the height of the last block of both chains, or null. */
  add({ at, from, to, left, fork }) {
    const named = ({ hash, height }) => ({ hash, height })
    this.all = [{ at, from: named(from), to: named(to), left, fork }, ...this.all].slice(0, KEPT)
  }

  clear() {
    this.all = []
  }
}
