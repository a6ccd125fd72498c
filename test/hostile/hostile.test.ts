import { afterAll, test } from 'vitest'
import { ROWS } from './support/rows.ts'
import { underAttack } from './support/under-attack.ts'
import { startWorld } from './support/world.ts'

const world = await startWorld()
afterAll(world.print)

test.each(ROWS.map((row, index) => [row.name, row, index] as const))('%s', async (_, row, index) => {
  await underAttack(world, row, { localAddress: `127.0.1.${index + 1}` })
})
