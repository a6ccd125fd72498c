import { expect, test } from 'vitest'
import {
  formatTraceparent,
  isInvalidTrace,
  parseTraceparent,
  traceHeaders,
  traceOfEnvironment,
  withTrace,
} from '../../../src/messages/trace-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const SPAN = '00f067aa0ba902b7'
const GOOD = `00-${TRACE}-${SPAN}-01`

test('a traceparent is read, and written as it was', () => {
  const parsed = parseTraceparent(GOOD)
  expect(parsed).toEqual({ traceId: TRACE, spanId: SPAN, isSampled: true })
  expect(parsed && formatTraceparent(parsed)).toBe(GOOD)
})

test.each([
  ['not sampled', `00-${TRACE}-${SPAN}-00`, false],
  ['flags that later versions add', `00-${TRACE}-${SPAN}-03`, true],
  ['a later version', `01-${TRACE}-${SPAN}-01`, true],
  ['a later version with more fields', `cc-${TRACE}-${SPAN}-01-what-the-future-holds`, true],
])('%s', (_what, text, isSampled) => {
  expect(parseTraceparent(text)).toEqual({ traceId: TRACE, spanId: SPAN, isSampled })
})

const BAD = [
  '',
  'rubbish',
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}-${SPAN}-01-more`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `ff-${TRACE}-${SPAN}-01`,
  ` ${GOOD}`,
  `${GOOD}\n`,
  `cc-${TRACE}-${SPAN}-01.more`,
]

test.each(BAD)('%j is none: it is neither used nor passed on', (traceparent) => {
  expect(parseTraceparent(traceparent)).toBeUndefined()
  expect(isInvalidTrace({ headers: { traceparent } })).toBe(true)
  expect(traceHeaders({ headers: { traceparent, tracestate: 'a=1' } })).toBeUndefined()
})

test('a record without one is not invalid, and stays what it is', () => {
  const record = { headers: { type: 'block' } }
  expect(isInvalidTrace(record)).toBe(false)
  expect(withTrace(record, traceHeaders(record))).toBe(record)
})

test('tracestate goes with it, unless it is longer than the specification asks for', () => {
  expect(traceHeaders({ headers: { traceparent: GOOD, tracestate: 'vendor=1' } })).toEqual({ traceparent: GOOD, tracestate: 'vendor=1' })
  expect(traceHeaders({ headers: { traceparent: GOOD, tracestate: 'x'.repeat(513) } })).toEqual({ traceparent: GOOD })
})

test('the context of the calling program is found in its environment, and nothing else is', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  expect(traceOfEnvironment({ TRACEPARENT: traceparent, TRACESTATE: 'a=1', OTHER: 'x' })).toEqual({ traceparent, tracestate: 'a=1' })
  expect(traceOfEnvironment({ TRACEPARENT: 'x' })).toBeUndefined()
  expect(traceOfEnvironment({})).toBeUndefined()
})
