import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { runCommand } from '../../../deploy/local/programs/command.ts'
import { onEnd } from '../../support/on-end.ts'

/** A health port that is alive and not ready. */
async function startHealthPort(): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/livez' ? 200 : 503).end('kafka is away')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onEnd(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('the health check of the image asks whether the process lives, that of compose whether it is ready, and says why not', async () => {
  const env = { HEALTHLISTENADDRESS: await startHealthPort() }
  const check = (...path: string[]) => runCommand(process.execPath, ['deploy/healthcheck.mjs', ...path], { timeoutMs: 60_000, env })
  expect(await check()).toMatchObject({ code: 0, stderr: '' })
  expect(await check('/readyz')).toMatchObject({ code: 1, stderr: 'kafka is away\n' })
  const nobody = { HEALTHLISTENADDRESS: '127.0.0.1:1' }
  const gone = await runCommand(process.execPath, ['deploy/healthcheck.mjs'], { timeoutMs: 60_000, env: nobody })
  expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining('no answer from 127.0.0.1:1/livez') })
}, 180_000)
