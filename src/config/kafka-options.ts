import type { Settings } from './settings.ts'

type KafkaSettings = Pick<Settings, Extract<keyof Settings, `kafka_${'client' | 'brokers' | 'ssl' | 'sasl'}${string}`>>

/** The settings of the Kafka connection in the form that src/kafka/client/connection.ts takes. */
export function kafkaOptions(settings: KafkaSettings) {
  const { kafka_sasl_mechanism: mechanism, kafka_sasl_username: username, kafka_sasl_password: password } = settings
  return {
    clientId: settings.kafka_client_id,
    brokers: settings.kafka_brokers,
    ssl: settings.kafka_ssl_enabled
      ? {
          ca: settings.kafka_ssl_ca_file || undefined,
          cert: settings.kafka_ssl_cert_file || undefined,
          key: settings.kafka_ssl_key_file || undefined,
          keyPassphrase: settings.kafka_ssl_key_password || undefined,
        }
      : undefined,
    sasl: mechanism === 'none' ? undefined : { mechanism, username, password },
  }
}
