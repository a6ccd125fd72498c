import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = new URL('../../..', import.meta.url).pathname

test('the client imports nothing but its own files, so that it runs in browsers', async () => {
  const { stdout } = await promisify(execFile)('git', ['ls-files', 'src/client'], { cwd: root })
  const imports = stdout
    .trim()
    .split('\n')
    .flatMap((file) => [...readFileSync(`${root}${file}`, 'utf8').matchAll(/from '([^']+)'/g)].map(([, from]) => from))
  expect(imports.length).toBeGreaterThan(2)
  expect(imports.filter((from) => !/^\.\/[a-z-]+\.ts$/.test(from ?? ''))).toEqual([])
})
