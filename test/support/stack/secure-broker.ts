import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { STEADY } from '../../../deploy/local/kafka/broker-config.ts'
import { type LocalKafka, startKafka } from '../../../deploy/local/kafka/kafka.ts'
import { runKafkaTool } from '../../../deploy/local/kafka/tool.ts'
import { freePorts } from '../../../deploy/local/processes/free-ports.ts'

export const USER = { username: 'bridge', password: 'not-so-secret' }

export interface SecureBroker {
  /** Without login: everybody is the super user, for the set-up. */
  readonly plain: string
  /** TLS with a required client certificate. */
  readonly mutualTls: string
  /** TLS with user and password. */
  readonly sasl: string
  readonly files: Certificates
  allow(args: string[]): Promise<void>
  stop(): Promise<void>
}

interface Certificates {
  readonly ca: string
  readonly clientCert: string
  readonly clientKey: string
  readonly brokerKeyStore: string
}

/** A broker with its own certificates, all SASL mechanisms, and a user without permissions until `allow` grants some. */
export async function startSecureBroker(): Promise<SecureBroker> {
  const directory = mkdtempSync(join(tmpdir(), 'secure-kafka-'))
  const files = makeCertificates(directory)
  const ports = await freePorts(4)
  const [plain, mutualTls, sasl] = ports.map((port) => `127.0.0.1:${port}`) as [string, string, string]
  const kafka = await startKafka({ port: ports[0] ?? 0, settings: { ...STEADY, ...settings(ports, files) } })
  const server = ['--bootstrap-server', plain]
  try {
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512']) {
      const secret = `${mechanism}=[password=${USER.password}]` // Kafka accepts one mechanism per request
      await run('configs', [...server, '--alter', '--add-config', secret, '--entity-type', 'users', '--entity-name', USER.username])
    }
  } catch (error) {
    await stop(kafka, directory)
    throw error
  }
  return {
    plain,
    mutualTls,
    sasl,
    files,
    allow: (args) => run('acls', [...server, '--add', '--allow-principal', `User:${USER.username}`, ...args]),
    stop: () => stop(kafka, directory),
  }
}

async function stop(kafka: LocalKafka, directory: string): Promise<void> {
  await kafka.stop()
  rmSync(directory, { recursive: true, force: true })
}

async function run(tool: 'configs' | 'acls', args: string[]): Promise<void> {
  const { code, stdout, stderr } = await runKafkaTool(tool, args)
  if (code !== 0) throw new Error(`${tool} failed: ${stdout}${stderr}`)
}

function settings([plain, mutualTls, sasl, controller]: number[], files: Certificates): Record<string, string> {
  const login = 'org.apache.kafka.common.security'
  const listeners = `PLAINTEXT://127.0.0.1:${plain},MTLS://127.0.0.1:${mutualTls},SASL://127.0.0.1:${sasl}`
  return {
    listeners: `${listeners},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': listeners,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,MTLS:SSL,SASL:SASL_SSL',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': files.brokerKeyStore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': files.ca,
    'listener.name.mtls.ssl.client.auth': 'required',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    'listener.name.sasl.plain.sasl.jaas.config': `${login}.plain.PlainLoginModule required user_${USER.username}="${USER.password}";`,
    'listener.name.sasl.scram-sha-256.sasl.jaas.config': `${login}.scram.ScramLoginModule required;`,
    'listener.name.sasl.scram-sha-512.sasl.jaas.config': `${login}.scram.ScramLoginModule required;`,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS;User:CN=bridge-client',
  }
}

function makeCertificates(directory: string): Certificates {
  const path = (name: string) => join(directory, name)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' })
  const newKey = ['-newkey', 'rsa:2048', '-nodes']
  openssl('req', '-x509', ...newKey, '-days', '2', '-subj', '/CN=test authority', '-keyout', path('ca.key'), '-out', path('ca.pem'))
  const issue = (name: string, subject: string) => {
    const alternative = ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost']
    openssl('req', ...newKey, '-subj', subject, ...alternative, '-keyout', path(`${name}.key`), '-out', path(`${name}.csr`))
    const signer = ['-CA', path('ca.pem'), '-CAkey', path('ca.key'), '-CAcreateserial', '-copy_extensions', 'copy']
    openssl('x509', '-req', '-in', path(`${name}.csr`), ...signer, '-days', '2', '-out', path(`${name}.pem`))
  }
  issue('broker', '/CN=broker')
  issue('client', '/CN=bridge-client')
  writeFileSync(path('broker.store'), Buffer.concat([readFileSync(path('broker.key')), readFileSync(path('broker.pem'))]))
  return { ca: path('ca.pem'), clientCert: path('client.pem'), clientKey: path('client.key'), brokerKeyStore: path('broker.store') }
}
