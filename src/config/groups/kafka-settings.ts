import { broker, httpUrl } from '../kinds/address-kinds.ts'
import { choice, duration, flag, integer, list, shaped, size, text } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

/** The connection to the Kafka cluster. */
export const kafkaSettings = {
  title: 'Kafka',
  settings: {
    kafka_brokers: setting(list(broker()), {
      description: 'Bootstrap brokers: the bridge learns the rest of the cluster from them. The default port is 9092.',
      default: 'localhost:9092',
      example: 'kafka-1:9092|kafka-2:9092',
    }),
    kafka_client_id: setting(shaped('a name of letters, digits, dots, dashes and underscores', /^[A-Za-z0-9._-]{1,200}$/), {
      description: 'Client id in the logs and quotas of the brokers.',
      default: '',
      derived: 'bridge_id',
    }),
    kafka_ssl_enabled: setting(flag(), { description: 'Connect to the brokers with TLS.', default: 'false' }),
    kafka_ssl_ca_file: setting(text(), {
      description: 'PEM file of the certificate authority that signed the brokers’ certificates. Default: those of the system.',
      default: '',
      example: '/etc/gossip-bridge/kafka-ca.pem',
    }),
    kafka_ssl_cert_file: setting(text(), {
      description: 'PEM file of the client certificate, where the brokers ask for one. The file is read again when it changes.',
      default: '',
      example: '/etc/gossip-bridge/kafka.pem',
    }),
    kafka_ssl_key_file: setting(text(), {
      description: 'PEM file of the private key of `kafka_ssl_cert_file`.',
      default: '',
      example: '/etc/gossip-bridge/kafka-key.pem',
    }),
    kafka_ssl_key_password: setting(text(), {
      description: 'Password of the key in `kafka_ssl_key_file`, where it has one.',
      default: '',
      secret: 'value',
    }),
    kafka_sasl_mechanism: setting(choice('none', 'plain', 'scram-sha-256', 'scram-sha-512'), {
      description: 'SASL mechanism of the login to the brokers.',
      default: 'none',
      example: 'scram-sha-512',
    }),
    kafka_sasl_username: setting(text(), { description: 'User name of the SASL login to the brokers.', default: '' }),
    kafka_sasl_password: setting(text(), { description: 'Password of the SASL login to the brokers.', default: '', secret: 'value' }),
    kafka_session_timeout: setting(duration({ min: '1s' }), {
      description: 'Session timeout of the consumer groups: an instance that sends no heartbeat for this long loses its partitions.',
      default: '6s',
    }),
    kafka_linger: setting(duration(), {
      description: 'How long a record waits for others to fill its batch. Under load, batches fill anyway while one is in flight.',
      default: '0ms',
    }),
    kafka_batch_max_records: setting(integer(1, 10_000), {
      description: 'Maximum number of records in one batch to Kafka.',
      default: '500',
    }),
    kafka_queue_max_records: setting(integer(100), {
      description: 'Maximum number of records that wait to be sent to Kafka, over all topics.',
      default: '50000',
    }),
    kafka_queue_max_bytes: setting(size(65_536), {
      description: 'Maximum size of the records that wait to be sent to Kafka, over all topics.',
      default: '64MiB',
    }),
    schema_registry_url: setting(httpUrl(), {
      description: 'URL of a schema registry to use instead of the built-in one. It may contain user and password.',
      default: '',
      example: 'https://registry.example.org',
      secret: 'password',
    }),
  },
}
