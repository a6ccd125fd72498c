import { expect, test } from 'vitest'
import type { KafkaConnection } from '../../../../../src/kafka/client/connection.ts'
import { CoordinatorLink } from '../../../../../src/kafka/group/membership/coordinator-link.ts'

/** Clients in the order of their creation; each finds the coordinator as its function says. */
function createKafka(finds: readonly (() => Promise<object>)[]) {
  const made: { find: () => Promise<object>; isConnected: boolean; removed: string[] }[] = []
  const cluster = () => {
    const client = {
      find: finds[made.length] ?? (() => Promise.reject(new Error('one too many'))),
      isConnected: false,
      removed: [] as string[],
    }
    made.push(client)
    return {
      connect: async () => {
        client.isConnected = true
      },
      disconnect: async () => {
        client.isConnected = false
      },
      findGroupCoordinator: () => client.find(),
      removeBroker: ({ port }: { port: number }) => client.removed.push(`${port}`),
    }
  }
  return { made, kafka: { cluster } as unknown as Pick<KafkaConnection, 'cluster'> }
}

const away = (name: string) => Object.assign(new Error('it does not answer'), { name })
const coordinator = (port: number) => ({ port, connectionPool: { host: '127.0.0.1', port }, disconnect: async () => {} })

test('after a look-up that failed, the next one begins with the bootstrap brokers', async () => {
  const { made, kafka } = createKafka([() => Promise.reject(away('KafkaJSGroupCoordinatorNotFound')), async () => coordinator(2)])
  const link = new CoordinatorLink({ groupId: 'group' }, { kafka })
  await expect(link.ask(async () => 'never')).rejects.toThrow('it does not answer')
  expect(await link.ask(async (broker) => (broker as unknown as { port: number }).port)).toBe(2)
  expect(made.map(({ isConnected }) => isConnected)).toEqual([false, true])
  await link.close()
  expect(made.map(({ isConnected }) => isConnected)).toEqual([false, false])
})

test('a coordinator that does not answer is looked up again, by the same client', async () => {
  const ports = [1, 2]
  const { made, kafka } = createKafka([async () => coordinator(ports.shift() ?? 0)])
  const link = new CoordinatorLink({ groupId: 'group' }, { kafka })
  await expect(link.ask(() => Promise.reject(away('KafkaJSRequestTimeoutError')))).rejects.toThrow('it does not answer')
  expect(await link.ask(async (broker) => (broker as unknown as { port: number }).port)).toBe(2)
  expect(made.map(({ removed }) => removed)).toEqual([['1']])
  await link.close()
})

test('a refusal is no reason for another look-up', async () => {
  const { made, kafka } = createKafka([async () => coordinator(1)])
  const link = new CoordinatorLink({ groupId: 'group' }, { kafka })
  const refused = Object.assign(new Error('not authorized'), { type: 'GROUP_AUTHORIZATION_FAILED' })
  await expect(link.ask(() => Promise.reject(refused))).rejects.toThrow('not authorized')
  expect(await link.ask(async () => 'answered')).toBe('answered')
  expect(made).toHaveLength(1)
  await link.close()
})
