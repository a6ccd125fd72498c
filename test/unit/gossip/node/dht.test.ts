import { expect, test } from 'vitest'
import { cidOfNamespace, namespacesOf } from '../../../../src/gossip/node/dht.ts'

test.each([
  ['floodsub:orders', 'bafkreifv3edeshtfrbiu72iy2pm6jimx6ooc36lxbfoiac5ete4lockmfy'],
  ['kafka-bridge/orders', 'bafkreibwtjz6ge6uoa6sxqlusoqpwrhafjiqkzkzlkw7ofo7quh3gkxoma'],
])('the key of %s is the one that Go nodes use', async (namespace, cid) => {
  expect((await cidOfNamespace(namespace)).toString()).toBe(cid)
})

test('a topic is advertised under its name and under that of Go’s pubsub', () => {
  expect(namespacesOf('bitcoin/mainnet-block')).toEqual(['bitcoin/mainnet-block', 'floodsub:bitcoin/mainnet-block'])
})
