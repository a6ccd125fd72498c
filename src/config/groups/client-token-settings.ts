import { choice, list, shaped, text } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

/** Signatures with a public key only: with a secret one, whoever may check tokens may issue them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'] as const

/** Which token clients of the WebSocket and of its streams need. */
export const clientTokenSettings = {
  title: 'Tokens of clients',
  settings: {
    ws_auth: setting(choice('none', 'static', 'jwt'), {
      description:
        'Which token clients of the WebSocket, of `/events` and of `/v1/events` need. `static`: that of `ws_auth_token`. `jwt`: a JSON Web Token of an issuer whose keys are in `ws_auth_jwks_file`. The page itself is served to all, and what its status shows is up to `dashboard_status`.',
      default: 'none',
    }),
    ws_auth_token: setting(shaped('16 to 256 letters, digits and . _ ~ -', /^[A-Za-z0-9._~-]{16,256}$/), {
      description: 'The token with `ws_auth` `static`, such as the output of `openssl rand -hex 32`.',
      default: '',
      secret: 'value',
      isReloaded: true,
    }),
    ws_auth_jwks_file: setting(text(), {
      description:
        'File with the public keys of the issuer, as a JSON Web Key Set, with `ws_auth` `jwt`. It is read again when it changes, within 5 s.',
      default: '',
      example: '/etc/gossip-bridge/jwks.json',
    }),
    ws_auth_issuer: setting(text(), {
      description: 'The claim `iss` that a token has to have, with `ws_auth` `jwt`.',
      default: '',
      example: 'https://login.example.org',
    }),
    ws_auth_audience: setting(text(), {
      description: 'The claim `aud` that a token has to have, with `ws_auth` `jwt`.',
      default: '',
      example: 'gossip-bridge',
    }),
    ws_auth_algorithms: setting(list(choice(...ALGORITHMS)), {
      description: `Algorithms with which a token may be signed, with \`ws_auth\` \`jwt\`: ${ALGORITHMS.join(', ')}.`,
      default: 'RS256,ES256,EdDSA',
    }),
  },
}
