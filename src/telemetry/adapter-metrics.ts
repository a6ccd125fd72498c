import { Counter, Gauge, type Registry } from 'prom-client'

/** Metrics of `gossip-bridge adapt teranode`; `isFollowing` is asked at each scrape. */
export function createAdapterMetrics(registry: Registry, isFollowing: () => boolean) {
  const registers = [registry]
  new Gauge({
    name: 'bridge_adapter_following',
    help: "1 on the instance of the adapter that follows the node's blockchain service",
    registers,
    collect() {
      this.set(isFollowing() ? 1 : 0)
    },
  })
  return {
    ended: new Counter({
      name: 'bridge_adapter_subscriptions_ended_total',
      help: "Subscriptions to the node's blockchain service that ended with an error, or could not begin",
      registers,
    }),
  }
}
