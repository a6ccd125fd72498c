import type { Settings } from '../../config/settings.ts'
import type { Probe } from '../../doctor/examine.ts'
import type { Finding } from '../../doctor/finding.ts'
import { type CertificateFiles, judgeCertificate, judgeIdentity } from '../../doctor/host/identity.ts'
import { examineListening, type Listening } from '../../doctor/host/listening.ts'
import { isBridgeAt } from '../../doctor/host/running-bridge.ts'
import { examineRuntime, type NativePart, NativePartError } from '../../doctor/host/runtime.ts'
import { judgeTokenKeys } from '../../doctor/host/token-keys.ts'
import { parseKey, peerIdOfKey } from '../../identity/key-text.ts'
import { SYSTEM_CLOCK } from '../../lifecycle/clock.ts'
import { glibcVersion, whyNoBrowsers } from '../import-browsers.ts'
import type { DoctorDeps } from './doctor-deps.ts'

const DEADLINE_MS = 10_000

/** What belongs to this host: Node.js and its native parts, keys and certificates, ports. */
export function hostProbes(settings: Settings, { nodeVersion, readFile }: Pick<DoctorDeps, 'nodeVersion' | 'readFile'>): Probe[] {
  const runtime = { nodeVersion, glibcVersion: glibcVersion(), parts: nativeParts(settings) }
  const certificates = certificatesOf(settings).map((files) => async () => judgeCertificate(files, { readFile, now: SYSTEM_CLOCK.wall() }))
  const tokenKeys = checksTokens(settings) ? [async () => examineTokenKeys(settings, readFile)] : []
  const keys = [
    ...(settings.roles.includes('relay') ? [async () => judgeIdentity(identityOf(settings))] : []),
    ...certificates,
    ...tokenKeys,
  ]
  const isRunning = () => isBridgeAt(settings.healthListenAddress, settings.bridge_id)
  return [
    { area: 'runtime', what: 'loading the native parts', deadlineMs: DEADLINE_MS, run: () => examineRuntime(runtime) },
    { area: 'identity', what: 'reading keys', deadlineMs: DEADLINE_MS, run: () => Promise.all(keys.map((look) => look())) },
    { area: 'ports', what: 'trying ports', deadlineMs: DEADLINE_MS, run: () => examineListening(listeningOf(settings), { isRunning }) },
  ]
}

function nativeParts({ roles }: Settings): NativePart[] {
  const browsers = { name: 'uWebSockets.js', neededFor: 'browsers (role edge)', load: loadBrowsers }
  const sodium = {
    name: 'sodium-native',
    neededFor: undefined,
    load: async () => (await import('../../gossip/node/signatures.ts')).verifyWithSodium(),
  }
  const snappy = {
    name: 'snappy',
    neededFor: 'records compressed with snappy',
    load: () => import('../../kafka/wire/compression/decompress.ts'),
  }
  return [...(roles.includes('edge') ? [browsers] : []), ...(roles.includes('relay') ? [sodium] : []), snappy]
}

async function loadBrowsers(): Promise<void> {
  try {
    await import('../browsers.ts')
  } catch (cause) {
    const why = whyNoBrowsers(cause)
    throw why === undefined ? cause : new NativePartError(why)
  }
}

function identityOf({ p2p_private_key, identity_encryption_key, banlist_db }: Settings) {
  const key = p2p_private_key === '' ? undefined : parseKey(p2p_private_key)
  const peerId = key === undefined || 'fault' in key ? undefined : peerIdOfKey(key)
  return { peerId, hasPool: identity_encryption_key !== '' && banlist_db !== '' }
}

function certificatesOf(settings: Settings): CertificateFiles[] {
  const { server_certFile, server_keyFile, kafka_ssl_cert_file, kafka_ssl_key_file, kafka_ssl_key_password } = settings
  const servers = { certSetting: 'server_certFile', keySetting: 'server_keyFile', certFile: server_certFile, keyFile: server_keyFile }
  const kafka = {
    certSetting: 'kafka_ssl_cert_file',
    keySetting: 'kafka_ssl_key_file',
    certFile: kafka_ssl_cert_file,
    keyFile: kafka_ssl_key_file,
    passphrase: kafka_ssl_key_password,
  }
  return [...(servesTls(settings) ? [servers] : []), ...(kafka_ssl_cert_file !== '' ? [kafka] : [])]
}

function servesTls({ roles, securityLevelHTTP, securityLevelGRPC, p2p_grpcListenAddress }: Settings): boolean {
  const servesGrpc = p2p_grpcListenAddress !== null && roles.includes('admin')
  return (securityLevelHTTP !== 0 && roles.includes('edge')) || (securityLevelGRPC !== 0 && servesGrpc)
}

function checksTokens({ roles, ws_auth }: Settings): boolean {
  return ws_auth === 'jwt' && roles.includes('edge')
}

async function examineTokenKeys({ ws_auth_jwks_file, ws_auth_algorithms }: Settings, readFile: DoctorDeps['readFile']): Promise<Finding> {
  const { keySetFacts } = await import('../../websocket/tokens/key-set-facts.ts')
  return judgeTokenKeys({ file: ws_auth_jwks_file }, { readFile, factsOf: (text) => keySetFacts({ text, algorithms: ws_auth_algorithms }) })
}

function listeningOf(settings: Settings): Listening[] {
  const { roles, p2p_listen_addresses, p2p_port, p2p_httpListenAddress, healthListenAddress } = settings
  const { admin_listen_address: admin, p2p_grpcListenAddress: grpc } = settings
  const gossip = p2p_listen_addresses.map((host) => ({ setting: 'p2p_port', address: { host, port: p2p_port } }))
  return [
    ...(roles.includes('relay') ? gossip : []),
    ...(roles.includes('edge') ? [{ setting: 'p2p_httpListenAddress', address: p2p_httpListenAddress }] : []),
    ...(roles.includes('admin') && admin !== null ? [{ setting: 'admin_listen_address', address: admin }] : []),
    ...(roles.includes('admin') && grpc !== null ? [{ setting: 'p2p_grpcListenAddress', address: grpc }] : []),
    { setting: 'healthListenAddress', address: healthListenAddress },
  ]
}
