// Adds up what Vitest's JSON reports in a folder say, and prints the closing line. Exits with 1 when a test failed, when a
// step failed (lint, types, build), or when no test ran at all.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder = '.', failedSteps = '0'] = process.argv.slice(2)
let passed = 0
let failed = 0
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const report = JSON.parse(readFileSync(join(folder, file), 'utf8'))
  passed += report.numPassedTests
  failed += report.numFailedTests
  // A file can fail without a failed test: it does not load, or leaves something behind.
  failed += report.testResults.filter(isFailedByItself).length
}
if (failed === 0 && (Number(failedSteps) > 0 || passed === 0)) failed = 1
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0

function isFailedByItself(file) {
  return file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')
}
