import { expect, test } from 'vitest'
import { Cleanup } from '../../../../../../deploy/local/demo/stack/cleanup.ts'

test('ends layers in reverse order, one after the other, whatever fails', async () => {
  const log: string[] = []
  const cleanup = new Cleanup()
  const servers = cleanup.layer()
  const clients = cleanup.layer()
  servers.add(async () => void log.push('server'))
  clients.add(async () => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    log.push('slow client')
    return 'the slow client was slow'
  })
  clients.add(async () => {
    log.push('client')
    throw new Error('broken')
  })
  expect(await cleanup.run()).toEqual(['the slow client was slow', 'Error: broken'])
  expect(log).toEqual(['client', 'slow client', 'server'])
  expect(await cleanup.run()).toEqual([])
})
