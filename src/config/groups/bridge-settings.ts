import { httpUrl } from '../kinds/address-kinds.ts'
import { choice, list, shaped } from '../kinds/kinds.ts'
import { setting } from '../setting.ts'

const NAME = /^[A-Za-z0-9._-]{1,100}$/
const NAME_FORM = 'a name of letters, digits, dots, dashes and underscores, at most 100'

/** Identity and roles of this bridge. */
export const bridgeSettings = {
  title: 'Bridge',
  settings: {
    roles: setting(list(choice('relay', 'edge', 'admin')), {
      description:
        'Roles of this process: `relay` connects Kafka with the peers, `edge` serves browsers, `admin` serves the administration API.',
      default: 'relay,edge,admin',
      example: 'edge',
    }),
    network: setting(choice('mainnet', 'testnet', 'regtest', 'stn', 'teratestnet', 'tstn'), {
      description: 'Blockchain network. It is part of the names of all gossip topics.',
      default: 'mainnet',
      example: 'teratestnet',
    }),
    clientName: setting(shaped('text without line breaks, at most 256 characters', /^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u), {
      description:
        'Name under which other nodes and clients see this node. Nodes of the dialect `envelope` show its printable ASCII only, at most 128 characters.',
      default: 'gossip-bridge',
    }),
    bridge_id: setting(shaped(NAME_FORM, NAME), {
      description: 'Name of the bridge, shared by all its instances. The consumer groups are `<bridge_id>.log` and `<bridge_id>.gossip`.',
      default: '',
      derived: 'clientName',
      example: 'node-a',
    }),
    instance_id: setting(shaped(NAME_FORM, NAME), {
      description: 'Name of this instance. No two running instances of a bridge may have the same name.',
      default: '',
      derived: 'generated',
      example: 'gossip-bridge-0',
    }),
    asset_httpPublicAddress: setting(httpUrl(), {
      description: 'Public base URL from which other nodes fetch the data that this node announces.',
      default: '',
      derived: 'asset_httpAddress',
      example: 'https://node.example.org/api/v1',
    }),
    asset_httpAddress: setting(httpUrl(), {
      description: 'Base URL of the data inside the own network. It is announced when `asset_httpPublicAddress` is empty.',
      default: 'http://localhost:8090/api/v1',
    }),
  },
}
