import { expect, test } from 'vitest'
import { connection } from './parts.ts'

// What is left open fails this file.
test('a client that is closed while it connects opens no connection afterwards', async () => {
  const cluster = connection().cluster()
  const connecting = expect(cluster.connect()).rejects.toThrow('this client of Kafka is closed')
  await cluster.disconnect()
  await connecting
})
