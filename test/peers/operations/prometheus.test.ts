import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { projectFile } from '../../../deploy/local/programs/local-files.ts'
import { unpackedPackages } from '../../support/stack/debian-packages.ts'

test('the alerts fire and are silent as their cases say, by the promtool of Debian', async () => {
  const promtool = join(await unpackedPackages(['prometheus']), 'usr/bin/promtool')
  const cwd = projectFile('deploy', 'prometheus')
  const run = (...args: string[]) => runCommand(promtool, args, { cwd, timeoutMs: 60_000 })
  expect(await run('check', 'rules', 'alerts.yaml')).toMatchObject({ code: 0 })
  expect(await run('test', 'rules', 'alerts-test.yaml', 'alerts-fire-test.yaml')).toMatchObject({ code: 0 })
}, 600_000)
