// Clients of the bridge's topics in JavaScript: kafkajs with one of two schema registry clients.
//   client.mjs LIBRARY BROKER REGISTRY TOPIC read    prints a line {"key", "value"} for each record up to the end of the topic
//   client.mjs LIBRARY BROKER REGISTRY TOPIC write   writes the value on standard input, as JSON, with the newest schema of TOPIC-value
import { text } from 'node:stream/consumers'
import { AvroDeserializer, AvroSerializer, SchemaRegistryClient, SerdeType } from '@confluentinc/schemaregistry'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import kafkajs from 'kafkajs'

const [library, broker, registry, topic, task] = process.argv.slice(2)

const LIBRARIES = {
  kafkajs() {
    const schemas = new SchemaRegistry({ host: registry })
    return {
      decode: (bytes) => schemas.decode(bytes),
      encode: async (value) => schemas.encode(await schemas.getLatestSchemaId(`${topic}-value`), value),
    }
  },
  confluent() {
    const schemas = new SchemaRegistryClient({ baseURLs: [registry] })
    const reader = new AvroDeserializer(schemas, SerdeType.VALUE, {})
    const writer = new AvroSerializer(schemas, SerdeType.VALUE, { useLatestVersion: true })
    return { decode: (bytes) => reader.deserialize(topic, bytes), encode: (value) => writer.serialize(topic, value) }
  },
}

const codec = LIBRARIES[library]()
const kafka = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.ERROR })

async function write() {
  const value = JSON.parse(await text(process.stdin))
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ key: value.hash, value: await codec.encode(value) }] })
  await producer.disconnect()
}

async function read() {
  const admin = kafka.admin()
  await admin.connect()
  const offsets = await admin.fetchTopicOffsets(topic)
  await admin.disconnect()
  let left = offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0)
  if (left === 0) return
  const consumer = kafka.consumer({ groupId: `registry-client-${library}-${topic}` })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload }) => reject(payload.error))
    void consumer.run({
      autoCommit: false,
      eachMessage: async ({ message }) => {
        const value = message.value === null ? null : await codec.decode(message.value)
        process.stdout.write(`${JSON.stringify({ key: `${message.key}`, value })}\n`)
        if (--left === 0) resolve()
      },
    })
  })
  await consumer.disconnect()
}

await (task === 'write' ? write() : read())
