import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test } from 'vitest'
import { CertificateWatch } from '../../../../src/websocket/http/certificate-watch.ts'

test('says when the certificate in use expires, and once that the file holds another one', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gossip-bridge-certificate-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const make = (name: string, days: number) => {
    const file = join(directory, name)
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${file}.key`]
    execFileSync('openssl', ['req', '-x509', ...key, '-out', file, '-subj', `/CN=${name}`, '-days', String(days)], { stdio: 'ignore' })
    return file
  }
  const [certFile, next] = [make('one.pem', 1), make('two.pem', 90)]
  const lines: string[] = []
  const expiries: number[] = []
  const watch = new CertificateWatch(
    { certFile },
    {
      log: pino({ level: 'info' }, { write: (line: string) => void lines.push(line) }),
      expiry: { set: (_labels, seconds) => expiries.push(seconds) },
    },
  )
  await watch.look()
  await watch.look()
  expect([lines, watch.note()]).toEqual([[], null])
  writeFileSync(certFile, 'in the middle of its renewal')
  await watch.look()
  copyFileSync(next, certFile)
  await watch.look()
  await watch.look()
  expect(lines).toHaveLength(1)
  expect(watch.note()).toContain('a reload (SIGHUP) uses it')
  expect(expiries).toHaveLength(1) // of the one in use
  expect((expiries[0] ?? 0) * 1000 - Date.now()).toBeGreaterThan(23 * 3_600_000)
  expect((expiries[0] ?? 0) * 1000 - Date.now()).toBeLessThan(25 * 3_600_000)
  await watch.renewed()
  expect(watch.note()).toBeNull()
  expect((expiries[1] ?? 0) * 1000 - Date.now()).toBeGreaterThan(80 * 24 * 3_600_000)
})
