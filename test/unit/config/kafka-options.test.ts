import { expect, test } from 'vitest'
import { kafkaOptions } from '../../../src/config/kafka-options.ts'
import type { KafkaOptions } from '../../../src/kafka/client/connection.ts'
import { settingsOf } from '../../support/bridge/settings.ts'

test('the certificate files reach the connection under the names that it knows', () => {
  const settings = settingsOf({
    KAFKA_SSL_ENABLED: 'true',
    KAFKA_SSL_CA_FILE: '/ca.pem',
    KAFKA_SSL_CERT_FILE: '/cert.pem',
    KAFKA_SSL_KEY_FILE: '/key.pem',
    KAFKA_SSL_KEY_PASSWORD: 'secret',
  })
  const expected: Required<NonNullable<KafkaOptions['ssl']>> = {
    ca: '/ca.pem',
    cert: '/cert.pem',
    key: '/key.pem',
    keyPassphrase: 'secret',
  }
  expect(kafkaOptions(settings).ssl).toEqual(expected)
})

test('without TLS and login there is neither', () => {
  expect(kafkaOptions(settingsOf())).toMatchObject({ ssl: undefined, sasl: undefined })
})
