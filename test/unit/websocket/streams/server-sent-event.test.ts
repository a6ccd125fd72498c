import { expect, test } from 'vitest'
import { caughtUpFrame, errorFrame, gapFrame, pingFrame, unsubscribedFrame } from '../../../../src/websocket/feed/frames.ts'
import { serverSentEvent } from '../../../../src/websocket/streams/server-sent-event.ts'

test.each([
  ['{"type":"event","id":"0a","cursor":"v1.7.0a1b2c3d","data":{"reason":"\\n\\nevent: gap"}}', 'id: v1.7.0a1b2c3d\n'],
  [caughtUpFrame('v1.7.0a1b2c3d'), 'event: caught-up\nid: v1.7.0a1b2c3d\n'],
  [caughtUpFrame(null), 'event: caught-up\n'],
  [pingFrame('v1.7.0a1b2c3d', 1), 'event: ping\nid: v1.7.0a1b2c3d\n'],
  [unsubscribedFrame('v1.7.0a1b2c3d'), 'event: unsubscribed\nid: v1.7.0a1b2c3d\n'],
  [gapFrame({ requested: 'v1.7.0a1b2c3d', reason: 'expired', oldest: null }), 'event: gap\n'],
  [errorFrame('bad-message', 'no'), 'event: error\n'],
])('%s becomes an event of its name, with its cursor as id', (frame, head) => {
  expect(serverSentEvent(frame)).toBe(`${head}data: ${frame}\n\n`)
})
