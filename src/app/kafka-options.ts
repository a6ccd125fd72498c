import type { Settings } from '../config/settings.ts'
import type { KafkaOptions, KafkaSasl } from '../kafka/connection.ts'

/** What the settings say about reaching the cluster. */
export function kafkaOptions(settings: Settings): KafkaOptions {
  return { clientId: settings.kafka_client_id, brokers: settings.kafka_brokers, ssl: tlsFiles(settings), sasl: sasl(settings) }
}

function tlsFiles(settings: Settings): KafkaOptions['ssl'] {
  if (!settings.kafka_ssl_enabled) return undefined
  return {
    ca: settings.kafka_ssl_ca_file || undefined,
    cert: settings.kafka_ssl_cert_file || undefined,
    key: settings.kafka_ssl_key_file || undefined,
  }
}

function sasl(settings: Settings): KafkaSasl | undefined {
  const mechanism = settings.kafka_sasl_mechanism
  if (mechanism === 'none') return undefined
  return { mechanism, username: settings.kafka_sasl_username, password: settings.kafka_sasl_password }
}
