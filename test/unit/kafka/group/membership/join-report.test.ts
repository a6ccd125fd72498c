import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { JoinedGroup } from '../../../../../src/kafka/group/membership/group-session.ts'
import { JoinReport } from '../../../../../src/kafka/group/membership/join-report.ts'

/** What a member logs, without its joins. */
function reporter() {
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null, timestamp: false }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const report = new JoinReport({ groupId: 'g' }, { log })
  const join = (joined: Partial<JoinedGroup>) =>
    report.joined({
      assigned: new Map(),
      membership: { generationId: 1, memberId: 'm' },
      unsubscribed: [],
      partitions: new Map(),
      ...joined,
    })
  return { join, said: () => lines.filter(({ msg }) => msg !== 'joined the consumer group'), lines }
}

test('each join is logged with its generation and the assignment', () => {
  const { join, lines } = reporter()
  join({ assigned: new Map([['t', [0, 2]]]), membership: { generationId: 7, memberId: 'm' } })
  expect(lines).toEqual([{ level: 30, group: 'g', generation: 7, assigned: { t: [0, 2] }, msg: 'joined the consumer group' }])
})

test('added partitions are logged, those of the first join and of a topic with fewer are not', () => {
  const { join, said } = reporter()
  for (const count of [2, 2, 5, 5, 1]) join({ partitions: new Map([['t', count]]) })
  expect(said()).toEqual([{ level: 30, group: 'g', topic: 't', from: 2, to: 5, msg: 'partitions added' }])
})

test('topics that an older leader assigned beyond the own ones are logged when they change', () => {
  const { join, said } = reporter()
  for (const unsubscribed of [[], ['old'], ['old'], ['old', 'older'], [], ['old']]) join({ unsubscribed })
  expect(said().map(({ level, topics }) => [level, topics])).toEqual([
    [40, ['old']],
    [40, ['old', 'older']],
    [40, ['old']],
  ])
})
