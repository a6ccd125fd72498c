import { expect, test } from 'vitest'
import { GroupHealth } from '../../../../src/kafka/group/group-health.ts'

function group() {
  const said: string[] = []
  return {
    said,
    health: new GroupHealth({
      ready: (detail = 'ok') => said.push(`ready: ${detail}`),
      notReady: (reason) => said.push(`not ready: ${reason}`),
    }),
  }
}

test('a group is ready once it is a member, and each state is reported once', () => {
  const { health, said } = group()
  health.membership('Kafka does not answer')
  health.membership('Kafka does not answer')
  health.membership(undefined)
  health.membership(undefined)
  expect(said).toEqual(['not ready: Kafka does not answer', 'ready: ok'])
})

test('all stopped partitions are reported together, and remarks only while none is stopped', () => {
  const { health, said } = group()
  health.membership(undefined)
  health.remark('a quota slows down reading')
  health.partition('t:0', 't:0 waits')
  health.partition('t:1', 't:1 cannot be read')
  health.partition('t:0', undefined)
  health.partition('t:1', undefined)
  expect(said).toEqual([
    'ready: ok',
    'ready: a quota slows down reading',
    'not ready: t:0 waits',
    'not ready: t:0 waits; t:1 cannot be read',
    'not ready: t:1 cannot be read',
    'ready: a quota slows down reading',
  ])
})
