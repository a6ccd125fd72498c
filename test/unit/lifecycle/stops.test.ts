import { expect, test } from 'vitest'
import { SYSTEM_CLOCK } from '../../../src/lifecycle/clock.ts'
import { Stops } from '../../../src/lifecycle/stops.ts'

const quiet = { debug: () => {}, error: () => {} }

test('stops in reverse order, one after the other', async () => {
  const stops = new Stops({ clock: SYSTEM_CLOCK, log: quiet })
  const order: string[] = []
  for (const name of ['producer', 'gossip', 'consumers']) {
    stops.add(name, async () => {
      order.push(`${name} begins`)
      await Promise.resolve()
      order.push(`${name} ends`)
    })
  }
  await stops.run(1000)
  expect(order).toEqual(['consumers begins', 'consumers ends', 'gossip begins', 'gossip ends', 'producer begins', 'producer ends'])
})

test('a stop that fails, or throws at once, does not keep the others from stopping, and all failures are reported', async () => {
  const stops = new Stops({ clock: SYSTEM_CLOCK, log: quiet })
  const stopped: string[] = []
  stops.add('first', () => void stopped.push('first'))
  stops.add('second', () => Promise.reject(new Error('broken')))
  stops.add('third', () => {
    throw new Error('odd')
  })
  stops.add('fourth', () => void stopped.push('fourth'))
  const error: AggregateError = await stops.run(1000).then(
    () => expect.unreachable(),
    (reason) => reason,
  )
  expect(stopped).toEqual(['fourth', 'first'])
  expect(error.errors.map((one: Error) => one.message)).toEqual(['third did not stop: odd', 'second did not stop: broken'])
  expect(error.message).toContain('second did not stop: broken')
})

test('a stop that hangs leaves time for the others and is named', async () => {
  const stops = new Stops({ clock: SYSTEM_CLOCK, log: quiet })
  const stopped: string[] = []
  stops.add('producer', () => void stopped.push('producer'))
  stops.add('consumers', () => new Promise(() => {}))
  await expect(stops.run(60)).rejects.toThrow(/^consumers did not stop: it took longer than 30 ms$/)
  expect(stopped).toEqual(['producer'])
})

test('a second call joins the first', async () => {
  const stops = new Stops({ clock: SYSTEM_CLOCK, log: quiet })
  let times = 0
  stops.add('part', () => void times++)
  await Promise.all([stops.run(1000), stops.run(1000)])
  expect(times).toBe(1)
})

test('parts added by a start that gives up are stopped too', async () => {
  const stops = new Stops({ clock: SYSTEM_CLOCK, log: quiet })
  const stopped: string[] = []
  stops.add('first', () => void stopped.push('first'))
  await stops.run(1000)
  stops.add('late', () => void stopped.push('late'))
  await stops.run(1000)
  expect(stopped).toEqual(['first', 'late'])
})
