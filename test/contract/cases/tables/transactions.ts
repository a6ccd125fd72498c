import type { Case } from '../case.ts'
import { small } from '../cluster.ts'

export const TRANSACTIONS: readonly Case[] = [
  {
    name: 'a committed transaction ends the topic',
    steps: [
      {
        change: async ({ name, cluster }) => {
          await cluster.produce(name, ['a', 'b'])
          const transaction = await cluster.begin()
          await transaction.send({ topic: name, messages: [small('c'), small('d')] })
          await transaction.commit()
        },
        delivers: ['a', 'b', 'c', 'd'],
        ends: 5n,
      },
    ],
  },
  {
    name: 'an aborted transaction ends the topic',
    steps: [
      {
        change: async ({ name, cluster }) => {
          await cluster.produce(name, ['a'])
          const transaction = await cluster.begin()
          await transaction.send({ topic: name, messages: [small('x'), small('y')] })
          await transaction.abort()
        },
        delivers: ['a'],
        ends: 4n,
      },
    ],
  },
  {
    name: 'nothing but an aborted transaction',
    steps: [
      {
        change: async ({ name, cluster }) => {
          const transaction = await cluster.begin()
          await transaction.send({ topic: name, messages: [small('x')] })
          await transaction.abort()
        },
        delivers: [],
        ends: 2n,
      },
    ],
  },
  {
    name: 'overlapping transactions that are aborted in reverse order',
    steps: [
      {
        change: async ({ name, cluster }) => {
          const [first, second, third] = [await cluster.begin(), await cluster.begin(), await cluster.begin()]
          await first.send({ topic: name, messages: [small('x1')] })
          await third.send({ topic: name, messages: [small('a')] })
          await second.send({ topic: name, messages: [small('y1')] })
          await first.send({ topic: name, messages: [small('x2')] })
          await second.abort()
          await third.send({ topic: name, messages: [small('b')] })
          await first.send({ topic: name, messages: [small('x3')] })
          await first.abort()
          await third.commit()
          await cluster.produce(name, ['c'])
        },
        delivers: ['a', 'b', 'c'],
        ends: 10n,
      },
    ],
  },
  {
    name: 'an open transaction, which is committed later',
    steps: [
      {
        change: async ({ name, cluster }) => {
          await cluster.produce(name, ['a'])
          const transaction = await cluster.begin()
          open.set(name, transaction)
          await transaction.send({ topic: name, messages: [small('b')] })
          await cluster.produce(name, ['c', 'd'])
        },
        delivers: ['a'],
        ends: 1n,
        lag: 3,
        // A reader reports it after 30 s, the CLI after 5. A read at an offset returns the stable records.
        reports: ['open-transaction'],
        except: { 'random reads': { reports: [] } },
        withinMs: 90_000,
      },
      {
        change: async ({ name }) => {
          await open.get(name)?.commit()
          open.delete(name)
        },
        delivers: ['b', 'c', 'd'],
        ends: 5n,
      },
    ],
  },
]

const open = new Map<string, import('kafkajs').Transaction>()
