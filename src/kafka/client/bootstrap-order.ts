/** Which bootstrap broker a client asks first. */
export interface BootstrapOrder {
  /** A list of one, in the form in which kafkajs asks for it whenever it wants another seed broker. */
  next(): string[]
}

/**
 * One after the other, from a random one on, over all clients of the process. kafkajs begins with the first of its list each
 * time: with that one frozen, each new client, so each try to join a group again, would begin with its silence.
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
