#!/usr/bin/env node
// Kafka's own command line tools, with the jars of the local stack:
//   node deploy/local/kafka-tool.mjs consumer-groups --bootstrap-server 127.0.0.1:9092 --describe --all-groups
import { existsSync } from 'node:fs'

const built = new URL('../../dist/local/kafka/tool.js', import.meta.url)
if (!existsSync(built)) {
  console.error('kafka-tool: not built yet, type `npm run build` first')
  process.exit(69)
}
const { runKafkaToolHere } = await import(built.href)
process.exitCode = await runKafkaToolHere(process.argv.slice(2)).catch((error) => {
  console.error(`kafka-tool: ${error.message}`)
  return 69
})
