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
      return broker === undefined ? [] : [withoutBrackets(broker)]
    },
  }
}

/** Stands for an IPv6 address, with dashes instead of colons. No DNS name ends like this. */
const IPV6_HOST = /^([0-9a-f-]+)\.ipv6-literal\.$/i

/** kafkajs cuts a bootstrap address at its first colon, so an IPv6 address passes it as a name. */
function withoutBrackets(broker: string): string {
  const [, address, port] = /^\[([^\]]+)\]:(\d+)$/.exec(broker) ?? []
  return address === undefined ? broker : `${address.replaceAll(':', '-')}.ipv6-literal.:${port}`
}

/** The host to connect to, for the host that kafkajs names. */
export function hostOf(name: string): string {
  const address = IPV6_HOST.exec(name)?.[1]
  return address === undefined ? name : address.replaceAll('-', ':')
}
