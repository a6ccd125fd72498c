import { expect, test } from 'vitest'
import { offerOnlyToNeighbours } from '../../../../src/gossip/router/offers.ts'

function makeRouter() {
  const offered: (readonly [string, readonly string[]])[][] = []
  const router = {
    emitGossip: (neighbours: ReadonlyMap<string, ReadonlySet<string>>) =>
      void offered.push([...neighbours].map(([topic, peers]) => [topic, [...peers]] as const)),
  }
  offerOnlyToNeighbours(router)
  return { router, offered }
}

test('nothing is looked for where no neighbour is to be offered anything', () => {
  const { router, offered } = makeRouter()
  router.emitGossip(new Map([['blocks', new Set<string>()]]))
  router.emitGossip(new Map())
  expect(offered).toEqual([])
})

test('topics with such a neighbour are offered as before', () => {
  const { router, offered } = makeRouter()
  router.emitGossip(
    new Map([
      ['blocks', new Set<string>()],
      ['subtrees', new Set(['peer-a', 'peer-b'])],
    ]),
  )
  expect(offered).toEqual([[['subtrees', ['peer-a', 'peer-b']]]])
})
