import { broker, httpUrl } from '../kinds/address-kinds.ts'
import { choice, duration, flag, integer, list, shaped, size, text } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

/** How to reach the Kafka cluster. */
export const kafkaSettings = {
  title: 'Kafka',
  settings: {
    kafka_brokers: setting(list(broker()), {
      description: 'Brokers to start from; the rest of the cluster is learnt from them. Without a port, 9092 is meant.',
      default: 'localhost:9092',
      example: 'kafka-1:9092|kafka-2:9092',
    }),
    kafka_client_id: setting(shaped('a name of letters, digits, dots, dashes and underscores', /^[A-Za-z0-9._-]{1,200}$/), {
      description: 'Name of this client in the logs and quotas of the brokers.',
      default: '',
      derived: 'bridge_id',
    }),
    kafka_ssl_enabled: setting(flag(), { description: 'Speak TLS with the brokers.', default: 'false' }),
    kafka_ssl_ca_file: setting(text(), {
      description: 'PEM file of the certificate authority of the brokers. Without one, that of the system.',
      default: '',
      example: '/etc/gossip-bridge/kafka-ca.pem',
    }),
    kafka_ssl_cert_file: setting(text(), {
      description: 'PEM file of the own certificate, where the brokers ask for one. Read again when it changes.',
      default: '',
      example: '/etc/gossip-bridge/kafka.pem',
    }),
    kafka_ssl_key_file: setting(text(), {
      description: 'PEM file of its private key.',
      default: '',
      example: '/etc/gossip-bridge/kafka-key.pem',
    }),
    kafka_ssl_key_password: setting(text(), { description: 'Password of that key, where it has one.', default: '', secret: 'value' }),
    kafka_sasl_mechanism: setting(choice('none', 'plain', 'scram-sha-256', 'scram-sha-512'), {
      description: 'How to log in to the brokers.',
      default: 'none',
      example: 'scram-sha-512',
    }),
    kafka_sasl_username: setting(text(), { description: 'User name for it.', default: '' }),
    kafka_sasl_password: setting(text(), { description: 'Password for it.', default: '', secret: 'value' }),
    kafka_session_timeout: setting(duration({ min: '1s' }), {
      description: 'An instance that the group has not heard of for this long is taken for dead.',
      default: '6s',
    }),
    kafka_linger: setting(duration(), {
      description: 'How long a record waits for others to be sent with. Under load they gather anyway while a batch is under way.',
      default: '0ms',
    }),
    kafka_batch_max_records: setting(integer(1, 10_000), { description: 'Most records sent at once.', default: '500' }),
    kafka_queue_max_records: setting(integer(100), { description: 'Most records waiting to be sent, over all topics.', default: '50000' }),
    kafka_queue_max_bytes: setting(size(65_536), { description: 'The same in bytes.', default: '64MiB' }),
    schema_registry_url: setting(httpUrl(), {
      description: 'A schema registry to use instead of the one that the bridge itself is. May hold user and password.',
      default: '',
      example: 'https://registry.example.org',
      secret: 'password',
    }),
  },
}
