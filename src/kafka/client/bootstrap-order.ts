/** The order in which clients ask the bootstrap brokers. */
export interface BootstrapOrder {
  /** A list of one, in the form that kafkajs expects whenever it wants another seed broker. */
  next(): string[]
}

/**
 * Round robin from a random start, shared by all clients of the process. kafkajs begins with the first of its list each time: with that
 * broker frozen, each new client, and so each attempt to rejoin a group, would begin with a timeout.
 */
export function createBootstrapOrder(brokers: readonly string[], random: () => number = Math.random): BootstrapOrder {
  let index = Math.floor(random() * brokers.length)
  return {
    next() {
      const broker = brokers[index % brokers.length]
      index += 1
      return broker === undefined ? [] : [broker]
    },
  }
}
