import { expect, test } from 'vitest'
import { Crowd, type CrowdMember } from '../../../src/scores/crowd.ts'

test('the crowd is who is connected now, with addresses, and nobody before a host is followed', () => {
  const crowd = new Crowd()
  expect([crowd.size, crowd.addressOf('anna')]).toEqual([0, null])
  let peers: CrowdMember[] = [{ peerId: 'anna', address: '192.0.2.1' }]
  let changed = () => {}
  let isFollowed = true
  const undo = crowd.follow({
    list: () => peers,
    onChange(listener) {
      changed = listener
      return () => {
        isFollowed = false
      }
    },
  })
  expect([crowd.size, crowd.addressOf('anna')]).toEqual([1, '192.0.2.1'])
  peers = [{ peerId: 'bert', address: null }]
  changed()
  expect([crowd.size, crowd.addressOf('anna'), crowd.addressOf('bert')]).toEqual([1, null, null])
  undo()
  expect(isFollowed).toBe(false)
})
