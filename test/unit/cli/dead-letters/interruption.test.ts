import { expect, test } from 'vitest'
import { interruptionOf } from '../../../../src/cli/dead-letters/interruption.ts'
import { createFakeHost } from '../../../support/bridge/fake-host.ts'

const brokenPipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })

test('a signal interrupts, SIGUSR2 does not', () => {
  const host = createFakeHost()
  const { signal } = interruptionOf(host)
  host.signal('SIGUSR2')
  expect(signal.aborted).toBe(false)
  host.signal('SIGINT')
  expect(signal.aborted).toBe(true)
})

test('a closed output interrupts, as often as it is reported, also after the end', () => {
  const host = createFakeHost()
  const { signal, end } = interruptionOf(host)
  host.closeOutput(brokenPipe)
  expect(signal.aborted).toBe(true)
  end()
  expect(host.listenerCount()).toBe(0)
  expect(host.outputHandlers()).toBe(1) // without one the process would end at once, with code 0
})
