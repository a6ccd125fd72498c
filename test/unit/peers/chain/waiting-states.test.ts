import { expect, test } from 'vitest'
import type { Announcement } from '../../../../src/messages/announcement.ts'
import { WaitingStates } from '../../../../src/peers/chain/waiting-states.ts'
import { SAMPLES } from '../../../fixtures/announcements.ts'

const miningOn = (height: number, at: number) => ({
  announcement: { type: 'mining-on', miningOn: { ...SAMPLES['mining-on'].miningOn, height } } as Announcement,
  data: Buffer.from(`${height}`),
  at,
})

/** Sends that wait until they are told to go, as those that are paced. */
function start() {
  const states = new WaitingStates()
  const turns: (() => void)[] = []
  const send = (signal?: AbortSignal) =>
    new Promise<number>((resolve, reject) => {
      turns.push(() => resolve(1))
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
  return { publish: (sent: ReturnType<typeof miningOn>) => states.publish(sent, send), turns }
}

test('a state that waits gives way to a later one, and a later one stays', async () => {
  const { publish, turns } = start()
  const first = publish(miningOn(1, 1))
  const third = publish(miningOn(3, 3))
  expect(await first).toBe('superseded')
  expect(await publish(miningOn(2, 2))).toBe('superseded') // of another partition
  expect(turns).toHaveLength(2)
  turns[1]?.()
  expect(await third).toBe(1)
  const next = publish(miningOn(2, 4))
  turns[2]?.()
  expect(await next).toBe(1)
})

test('an announcement that is no state gives way to none', async () => {
  const { publish, turns } = start()
  const block = { announcement: SAMPLES.block, data: Buffer.from('block'), at: 1 }
  const both = [publish(block), publish({ ...block, at: 2 })]
  for (const turn of turns) turn()
  expect(await Promise.all(both)).toEqual([1, 1])
})

test('a send that fails by itself fails', async () => {
  const failure = new Error('no peer')
  await expect(new WaitingStates().publish(miningOn(1, 1), () => Promise.reject(failure))).rejects.toBe(failure)
})
